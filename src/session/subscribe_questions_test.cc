#include "session/subscribe_questions.h"

#include <deque>

#include "session/session_fixture.h"

namespace usher::session {
namespace {

using hub::SubscriptionGrant;

// A backend that answers when the test says so.
class SubscribeHook final : public Hooks {
 public:
  bool has(Hook hook) const override { return hook == Hook::subscribe && is_there; }
  void ask(const HookEvent& event, UniqueFunction<void(HookAnswer)> done) override {
    asked.emplace_back(event.data);
    users.emplace_back(event.user);
    if (no_room) return done(HookError{111, "too many requests", true});
    waiting.push_back(std::move(done));
  }
  void tell(const HookEvent&) override {}

  // Answers the oldest request.
  void answer(HookAnswer answer) {
    auto done = std::move(waiting.front());
    waiting.pop_front();
    done(std::move(answer));
  }

  std::vector<std::string> asked;
  std::vector<std::string> users;
  std::deque<UniqueFunction<void(HookAnswer)>> waiting;
  bool no_room = false;
  bool is_there = true;
};

class SubscribeQuestionsTest : public SessionTest {
 protected:
  SubscribeQuestionsTest() { dependencies.hooks = &hook; }

  static hub::ChannelRulesOptions asking_rules() {
    hub::ChannelRulesOptions options = rules_options();
    options.namespaces.push_back({.name = "asked", .subscribe = hub::Audience::hook});
    options.namespaces.push_back(
        {.name = "seen", .subscribe = hub::Audience::hook, .presence = true});
    return options;
  }
  std::unique_ptr<Peer> wishing(std::string subs, std::vector<std::string> channels = {}) {
    ticket::Grant wishes = grant();
    wishes.subs = std::move(subs);
    wishes.channels = std::move(channels);
    return open(ticket(std::move(wishes)));
  }
  static SubscribeVerdict yes(std::string channel, SubscriptionGrant grant = {}) {
    grant.by = SubscriptionGrant::By::hook;
    return {std::move(channel), std::move(grant)};
  }
  void answer(HookAnswer said) {
    hook.answer(std::move(said));
    run_turns();
  }
  std::vector<std::string> take(Peer& peer) { return std::exchange(peer.outlet.sent, {}); }

  SubscribeHook hook;
};

// The fixture's rules are made before the test's, so these replace them.
class SubscribeHookTest : public SubscribeQuestionsTest {
 protected:
  void SetUp() override { rules = hub::ChannelRules(asking_rules()); }
};

using Sent = std::vector<std::string>;

TEST_F(SubscribeHookTest, OneFrameIsOneRequestAndEachCommandHasItsAnswer) {
  const auto peer = connected();
  take(*peer);
  say(*peer, R"({"id":1,"subscribe":{"channel":"asked:1","data":{"a": 1}}})"
             "\n"
             R"({"id":2,"subscribe":{"channel":"open:1"}})"
             "\n"
             R"({"id":3,"subscribe":{"channel":"asked:2"}})");
  ASSERT_EQ(hook.asked.size(), 1u);
  EXPECT_EQ(hook.asked[0],
            R"([{"channel":"asked:1","data":{"a": 1}},{"channel":"asked:2","data":null}])");
  EXPECT_EQ(take(*peer).size(), 1u) << "open:1 waits for nobody";
  answer(SubscribeAnswer{yes("asked:1", {.data = "[7]", .expire_at = 1'900'000'000})});
  EXPECT_EQ(take(*peer), Sent{R"({"id":1,"subscribe":{"data":[7]}})"
                              "\n"
                              R"({"id":3,"error":{"code":103,"message":"permission denied"}})"});
}

TEST_F(SubscribeHookTest, AFrameOfManyCommandsIsOneRequestToo) {
  const auto peer = connected();
  std::string frame;
  for (int i = 1; i <= 100; ++i) {
    const std::string n = std::to_string(i);
    frame += R"({"id":)" + n + R"(,"subscribe":{"channel":"asked:)" + n + "\"}}\n";
  }
  say(*peer, frame);
  EXPECT_EQ(hook.asked.size(), 1u);
}

TEST_F(SubscribeHookTest, TheConnectPushWaitsForTheHookAndHasTheRestIfItFails) {
  const auto peer = wishing(R"({"asked:1":{"data":"x"},"open:1":{}})", {"asked:2"});
  EXPECT_EQ(take(*peer), Sent{});
  ASSERT_EQ(hook.asked.size(), 1u);
  EXPECT_EQ(hook.asked[0],
            R"([{"channel":"asked:2","data":null},{"channel":"asked:1","data":"x"}])");
  answer(HookError{100, "internal server error", true});
  const auto sent = take(*peer);
  ASSERT_EQ(sent.size(), 1u);
  const std::string error =
      R"({"error":{"code":100,"message":"internal server error","temporary":true}})";
  EXPECT_NE(sent[0].find(R"("asked:1":)" + error), std::string::npos) << sent[0];
  EXPECT_NE(sent[0].find(R"("asked:2":)" + error), std::string::npos) << sent[0];
  EXPECT_NE(sent[0].find(R"("open:1":{"recoverable":true)"), std::string::npos) << sent[0];
}

TEST_F(SubscribeHookTest, TheHooksOwnErrorReachesTheClient) {
  const auto peer = connected();
  take(*peer);
  say(*peer, R"({"id":1,"subscribe":{"channel":"asked:1"}})");
  answer(SubscribeAnswer{{"asked:1", HookError{4711, "no seat", false}}});
  EXPECT_EQ(take(*peer), Sent{R"({"id":1,"error":{"code":4711,"message":"no seat"}})"});
}

TEST_F(SubscribeHookTest, WithoutRoomOrHookItIsATemporaryError) {
  const auto peer = connected();
  hook.no_room = true;
  say(*peer, R"({"id":1,"subscribe":{"channel":"asked:1"}})");
  EXPECT_NE(peer->last().find(R"("code":111)"), std::string::npos);
  hook.is_there = false;
  say(*peer, R"({"id":2,"subscribe":{"channel":"asked:1"}})");
  EXPECT_NE(peer->last().find(R"("code":100)"), std::string::npos);
}

TEST_F(SubscribeHookTest, OnlyWhatTheRulesPermitIsAsked) {
  const auto peer = connected();
  take(*peer);
  say(*peer, R"({"id":1,"subscribe":{"channel":"asked:"}})"
             "\n"
             R"({"id":2,"subscribe":{"channel":"session:s2"}})"
             "\n"
             R"({"id":3,"subscribe":{"channel":"asked:1","token":"a.b.c"}})");
  EXPECT_TRUE(hook.asked.empty());
  EXPECT_EQ(take(*peer), Sent{R"({"id":1,"error":{"code":107,"message":"bad request"}})"
                              "\n"
                              R"({"id":2,"error":{"code":103,"message":"permission denied"}})"
                              "\n"
                              R"({"id":3,"error":{"code":103,"message":"permission denied"}})"});
}

TEST_F(SubscribeHookTest, UnsubscribingAndAskingAgainWhileTheHookThinksIsHarmless) {
  const auto peer = connected();
  take(*peer);
  say(*peer, R"({"id":1,"subscribe":{"channel":"asked:1"}})");
  say(*peer, R"({"id":2,"subscribe":{"channel":"asked:1"}})");
  EXPECT_NE(peer->last().find(R"("id":2,"error":{"code":105)"), std::string::npos);
  say(*peer, R"({"id":3,"unsubscribe":{"channel":"asked:1"}})");
  EXPECT_EQ(hub.subscriptions(), 0u);
  say(*peer, R"({"id":4,"subscribe":{"channel":"asked:1"}})");
  ASSERT_EQ(hook.waiting.size(), 2u);
  take(*peer);
  answer(SubscribeAnswer{yes("asked:1")});
  EXPECT_EQ(take(*peer), Sent{}) << "the answer to the first question opens nothing";
  answer(SubscribeAnswer{yes("asked:1")});
  EXPECT_EQ(take(*peer), Sent{R"({"id":4,"subscribe":{}})"});
}

TEST_F(SubscribeHookTest, AConnectionThatEndsMeanwhileIsForgotten) {
  auto live = connected();
  say(*live, R"({"id":1,"subscribe":{"channel":"asked:1"}})");
  auto joining = wishing(R"({"asked:1":{}})");
  ASSERT_EQ(hook.waiting.size(), 2u);
  live->session->on_closed({1006, ""});
  joining->session->on_closed({1006, ""});
  live.reset();
  joining.reset();
  answer(SubscribeAnswer{yes("asked:1")});
  answer(SubscribeAnswer{yes("asked:1")});
  EXPECT_EQ(hub.subscriptions(), 0u);
  EXPECT_EQ(hub.connections(), 0u);
}

TEST_F(SubscribeHookTest, WhatIsAskedAndWhatIsAnsweredIsAboutTheUserOfThatMoment) {
  const auto peer = connected();
  take(*peer);
  say(*peer, R"({"id":1,"subscribe":{"channel":"asked:1"}})");
  ticket::Grant logged_in = grant();
  logged_in.user = "ada";
  say(*peer, R"({"id":2,"refresh":{"token":")" + ticket(std::move(logged_in)) + R"("}})");
  ASSERT_EQ(hook.users, (std::vector<std::string>{"", "ada"})) << "asked again for the new user";
  take(*peer);
  answer(SubscribeAnswer{yes("asked:1")});
  EXPECT_EQ(take(*peer), Sent{}) << "the guest's answer is not the user's";
  answer(SubscribeAnswer{});
  EXPECT_EQ(take(*peer), Sent{R"({"id":1,"error":{"code":103,"message":"permission denied"}})"});
}

TEST_F(SubscribeHookTest, TooManyRequestsOfOneConnectionAreRefusedAtOnce) {
  options.hook_calls_max = 1;
  const auto peer = connected();
  say(*peer, R"({"id":1,"subscribe":{"channel":"asked:1"}})");
  say(*peer, R"({"id":2,"subscribe":{"channel":"asked:2"}})");
  EXPECT_NE(peer->last().find(R"("id":2,"error":{"code":111)"), std::string::npos);
  answer(SubscribeAnswer{yes("asked:1")});
  say(*peer, R"({"id":3,"subscribe":{"channel":"asked:2"}})");
  EXPECT_EQ(hook.waiting.size(), 1u) << "there is room again";
}

TEST_F(SubscribeHookTest, WhatTheServerHasOpenedNeedsNoAnswer) {
  const auto peer = connected();
  hub.on_order(hub::SubscribeOrder{.target = {.session = "s1"}, .channel = "asked:1"});
  run_turns();
  take(*peer);
  say(*peer, R"({"id":1,"subscribe":{"channel":"asked:1"}})");
  EXPECT_EQ(take(*peer), Sent{R"({"id":1,"subscribe":{}})"});
  EXPECT_TRUE(hook.asked.empty());
}

}  // namespace
}  // namespace usher::session
