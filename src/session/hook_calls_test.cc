#include <deque>

#include "session/session_fixture.h"

namespace usher::session {
namespace {

using Kind = HookEvent::Kind;

// A backend that answers when the test says so.
class RecordingHooks final : public Hooks {
 public:
  bool has(Hook hook) const override { return hook == Hook::rpc || hook == Hook::publish; }
  void ask(const HookEvent& event, UniqueFunction<void(HookAnswer)> done) override {
    note(event);
    waiting.push_back(std::move(done));
  }
  void tell(const HookEvent& event) override { note(event); }

  void note(const HookEvent& event) {
    static constexpr const char* kNames[] = {"rpc", "send", "publish", "connected", "disconnected"};
    std::string text = kNames[static_cast<std::size_t>(event.kind)];
    text.append(" ").append(event.session).append("/").append(event.user);
    if (!event.name.empty()) text.append(" ").append(event.name);
    if (!event.data.empty()) text.append(" ").append(event.data);
    if (event.code != 0) text.append(" ").append(std::to_string(event.code));
    events.push_back(std::move(text));
  }
  void answer(std::size_t which, HookAnswer answer) { waiting[which](std::move(answer)); }

  std::vector<std::string> events;
  std::deque<UniqueFunction<void(HookAnswer)>> waiting;
};

class HookCommandsTest : public SessionTest {
 protected:
  HookCommandsTest() { dependencies.hooks = &hooks; }
  RecordingHooks hooks;
};

TEST_F(HookCommandsTest, AnswersComeInAnyOrderWithTheirOwnId) {
  const auto peer = connected();
  say(*peer, R"({"id":1,"rpc":{"method":"a","data":{"x": 1.0}}})");
  say(*peer, R"({"id":2,"rpc":{"method":"b"}})");
  EXPECT_EQ(hooks.events,
            (std::vector<std::string>{"connected s1/", "rpc s1/ a {\"x\": 1.0}", "rpc s1/ b"}));
  const std::size_t before = peer->outlet.sent.size();
  say(*peer, R"({"id":3,"ping":{}})");
  hooks.answer(1, "[2]");
  hooks.answer(0, HookError{1000, "no", true});
  ASSERT_EQ(peer->outlet.sent.size(), before + 3);
  EXPECT_EQ(peer->outlet.sent[before], R"({"id":3,"ping":{}})");
  EXPECT_EQ(peer->outlet.sent[before + 1], R"({"id":2,"rpc":{"data":[2]}})");
  EXPECT_EQ(peer->outlet.sent[before + 2],
            R"({"id":1,"error":{"code":1000,"message":"no","temporary":true}})");
}

TEST_F(HookCommandsTest, AnAnswerForWhoHasLeftGoesNowhere) {
  auto peer = connected();
  say(*peer, R"({"id":1,"rpc":{"method":"a"}})");
  say(*peer, R"({"id":2,"publish":{"channel":"open:a","data":1}})");
  peer->session->on_closed({1006, ""});
  EXPECT_EQ(hooks.events.back(), "disconnected s1/ 1006");
  hooks.answer(0, "1");
  peer.reset();
  hooks.answer(1, "");
}

TEST_F(HookCommandsTest, SoManyOfOneConnectionMayWait) {
  options.hook_calls_max = 2;
  const auto peer = connected();
  say(*peer, R"({"id":1,"rpc":{"method":"a"}})");
  say(*peer, R"({"id":2,"publish":{"channel":"open:a","data":1}})");
  say(*peer, R"({"id":3,"rpc":{"method":"c"}})");
  EXPECT_NE(peer->last().find(R"({"id":3,"error":{"code":111)"), std::string::npos);
  hooks.answer(0, "1");
  say(*peer, R"({"id":4,"rpc":{"method":"d"}})");
  EXPECT_EQ(hooks.events.back(), "rpc s1/ d");
}

TEST_F(HookCommandsTest, APublicationWaitsForItsPermission) {
  const auto reader = connected();
  say(*reader, R"({"id":1,"subscribe":{"channel":"open:a"}})");
  const auto peer = connected();
  say(*peer, R"({"id":1,"publish":{"channel":"open:a","data":{"n":1}}})");
  say(*peer, R"({"id":2,"publish":{"channel":"open:a","data":{"n":2}}})");
  say(*peer, R"({"id":3,"publish":{"channel":"open:a","data":{"n":3}}})");
  EXPECT_EQ(hooks.events.back(), R"(publish s1/ open:a {"n":3})");
  EXPECT_EQ(reader->last().find("\"pub\""), std::string::npos);
  hooks.answer(0, "");
  EXPECT_NE(reader->last().find(R"("data":{"n":1})"), std::string::npos) << reader->last();
  EXPECT_EQ(peer->last(), R"({"id":1,"publish":{}})");
  hooks.answer(1, "\"instead\"");
  EXPECT_NE(reader->last().find(R"("data":"instead")"), std::string::npos) << reader->last();
  const std::string before = reader->last();
  hooks.answer(2, HookError{1403, "be nice", false});
  EXPECT_EQ(reader->last(), before);
  EXPECT_EQ(peer->last(), R"({"id":3,"error":{"code":1403,"message":"be nice"}})");
}

TEST_F(HookCommandsTest, NobodyIsAskedAboutWhatTheRulesRefuse) {
  const auto peer = connected();
  say(*peer, R"({"id":1,"publish":{"channel":"session:s1","data":1}})");
  EXPECT_NE(peer->last().find("\"code\":103"), std::string::npos);
  EXPECT_TRUE(hooks.waiting.empty());
}

TEST_F(HookCommandsTest, SendTellsTheBackendAndIsNotAnswered) {
  const auto peer = connected();
  const std::size_t before = peer->outlet.sent.size();
  say(*peer, R"({"send":{"data":{"typing":true}}})");
  EXPECT_EQ(hooks.events.back(), R"(send s1/ {"typing":true})");
  EXPECT_EQ(peer->outlet.sent.size(), before);
}

TEST_F(HookCommandsTest, AMethodsNameIsBounded) {
  const auto peer = connected();
  say(*peer, R"({"id":1,"rpc":{"method":")" + std::string(255, 'm') + R"("}})");
  EXPECT_EQ(hooks.waiting.size(), 1u);
  say(*peer, R"({"id":2,"rpc":{"method":")" + std::string(256, 'm') + R"("}})");
  EXPECT_EQ(hooks.waiting.size(), 1u);
  EXPECT_NE(peer->last().find("\"code\":107"), std::string::npos);
}

TEST_F(HookCommandsTest, WithoutHooksRpcIsUnknownAndPublishGoesStraightOut) {
  dependencies.hooks = nullptr;
  const auto peer = connected();
  say(*peer, R"({"id":1,"rpc":{"method":"a"}})");
  EXPECT_NE(peer->last().find("\"code\":108"), std::string::npos);
  say(*peer, R"({"send":{"data":1}})");
  say(*peer, R"({"id":2,"publish":{"channel":"open:a","data":1}})");
  EXPECT_EQ(peer->last(), R"({"id":2,"publish":{}})");
}

// A connection that was never live does not disconnect.
TEST_F(HookCommandsTest, OnlyTheConnectedDisconnect) {
  const auto peer = open("00000000000000000000000000000000");
  EXPECT_TRUE(peer->outlet.closed);
  peer->session->on_closed({1008, "NOT_AUTHORIZED"});
  EXPECT_TRUE(hooks.events.empty());
}

}  // namespace
}  // namespace usher::session
