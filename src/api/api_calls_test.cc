#include "api/api_calls.h"

#include "api/api_sessions.h"
#include "api/revoker.h"
#include "hub/channel_rules.h"
#include "support/gateway_fixture.h"

namespace usher::api {
namespace {

using namespace std::chrono_literals;

class ApiCallsTest : public gateway::GatewayTest {
 protected:
  // The answer's body.
  std::string ask(const std::string& method, std::string body) {
    return send({.target = "/api/" + method,
                 .fields = {{"X-API-Key", "key-one"}},
                 .body = std::move(body),
                 .listener = edge::ListenerRole::api})
        .body;
  }
  static Call to_broadcast(const std::vector<std::string>& channels, const std::string& data) {
    std::string names;
    for (const std::string& channel : channels) {
      names += (names.empty() ? "\"" : ",\"") + channel + "\"";
    }
    return {.target = "/api/broadcast",
            .fields = {{"X-API-Key", "key-one"}},
            .body = "{\"channels\":[" + names + "],\"data\":" + data + "}",
            .listener = edge::ListenerRole::api};
  }
  // The error of each response, or "".
  std::vector<std::string> broadcast_codes(const std::vector<std::string>& channels) {
    const std::string body = send(to_broadcast(channels, "1")).body;
    std::vector<std::string> codes;
    std::size_t at = body.find("[") + 1;
    while (codes.size() < channels.size()) {
      const bool failed = body.substr(at).starts_with(R"({"error":{"code":)");
      codes.push_back(failed ? body.substr(at + 17, 3) : "");
      at = body.find("}},", at) + 3;
    }
    return codes;
  }
  template <class Order>
  Order last_order() const {
    EXPECT_FALSE(broker.commands.empty());
    return broker.commands.empty() ? Order{} : std::get<Order>(broker.commands.back());
  }
  void expect_error(const std::string& answer, hub::Error error) {
    EXPECT_TRUE(answer.starts_with("{\"error\":{\"code\":" +
                                   std::to_string(wire::error_code(hub::protocol_error(error)))))
        << answer;
  }
};

TEST_F(ApiCallsTest, BroadcastAnswersEachChannelInOrder) {
  EXPECT_EQ(
      ask("broadcast", R"({"channels":["a","b"],"data":1,"idempotency_key":"k"})"),
      R"({"result":{"responses":[{"result":{"offset":7,"epoch":"ep"}},{"result":{"offset":7,"epoch":"ep"}}]}})");
  ASSERT_EQ(broker.published.size(), 2u);
  EXPECT_EQ(broker.published[1].channel, "b");
  EXPECT_EQ(broker.published[1].idempotency_key, "k");
  EXPECT_EQ(metrics.publications[metrics::PublishedBy::backend].value(), 2u);
}

TEST_F(ApiCallsTest, BroadcastThatTheEngineDoesNotTakeSaysSoForEachChannel) {
  broker.error = hub::Error::internal;
  EXPECT_EQ(ask("broadcast", R"({"channels":["a","b"],"data":1})"),
            R"({"result":{"responses":[{"error":{"code":100,"message":"internal server error"}},)"
            R"({"error":{"code":100,"message":"internal server error"}}]}})");
  EXPECT_EQ(metrics.publications[metrics::PublishedBy::backend].value(), 0u);
}

TEST_F(ApiCallsTest, AnEmptyNameInABroadcastCostsItselfOnly) {
  const hub::ChannelRules rules({.namespaces = {}});
  dependencies.channel_rules = &rules;
  EXPECT_EQ(broadcast_codes({"a", "", "b"}), (std::vector<std::string>{"", "107", ""}));
  ASSERT_EQ(broker.published.size(), 2u);
  EXPECT_EQ(broker.published[1].channel, "b");
}

TEST_F(ApiCallsTest, ABroadcastIsPublishedInSlicesAndItsOrderStays) {
  std::vector<std::string> channels;
  for (int i = 0; i < 250; ++i) channels.push_back("c" + std::to_string(i));
  start(to_broadcast(channels, "1"));
  EXPECT_EQ(broker.published.size(), ApiBroadcasts::kSliceChannelsMax) << "in the first turn";
  EXPECT_FALSE(reply_);
  start(to_broadcast({"last"}, "2"));
  EXPECT_EQ(broker.published.size(), ApiBroadcasts::kSliceChannelsMax) << "and no second slice";
  EXPECT_EQ(turns.size(), 1u);
  EXPECT_EQ(run_turns(1), 1u);
  EXPECT_FALSE(reply_);
  EXPECT_EQ(run_turns(1), 1u);
  ASSERT_TRUE(reply_);
  reply_.reset();
  EXPECT_EQ(run_turns(), 1u);
  ASSERT_TRUE(reply_) << "the second one's";
  ASSERT_EQ(broker.published.size(), 251u);
  for (int i = 0; i < 250; ++i) {
    ASSERT_EQ(broker.published[static_cast<std::size_t>(i)].channel,
              channels[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(broker.published[250].channel, "last");
}

TEST_F(ApiCallsTest, ASliceIsBoundedInBytesToo) {
  const std::string data = '"' + std::string(60'000, 'x') + '"';
  start(to_broadcast(std::vector<std::string>(40, "a"), data));
  EXPECT_EQ(broker.published.size(), ApiBroadcasts::kSliceBytesMax / data.size());
  run_turns();
  EXPECT_EQ(broker.published.size(), 40u);
  ASSERT_TRUE(reply_);
}

TEST_F(ApiCallsTest, AnOrderToSubscribeIsAnsweredInATurnOfItsOwn) {
  start({.target = "/api/subscribe",
         .fields = {{"X-API-Key", "key-one"}},
         .body = R"({"user":"ada","channel":"a"})",
         .listener = edge::ListenerRole::api});
  EXPECT_EQ(broker.commands.size(), 1u);
  EXPECT_FALSE(reply_);
  EXPECT_EQ(run_turns(), 1u);
  ASSERT_TRUE(reply_);
}

TEST_F(ApiCallsTest, ASubscriptionThatHasEndedAlreadyIsRefused) {
  const std::int64_t now = unix_seconds(wall_clock.now());
  const auto until = [&](std::int64_t end) {
    return R"({"user":"ada","channel":"news:1","info":1,"expire_at":)" + std::to_string(end) + "}";
  };
  EXPECT_NE(ask("subscribe", until(now)).find("'expire_at' is not in the future"),
            std::string::npos);
  EXPECT_TRUE(broker.commands.empty());
  start({.target = "/api/subscribe",
         .fields = {{"X-API-Key", "key-one"}},
         .body = until(now + 1),
         .listener = edge::ListenerRole::api});
  EXPECT_EQ(last_order<hub::SubscribeOrder>().grant,
            (hub::SubscriptionGrant{.info = "1", .expire_at = now + 1}));
}

TEST_F(ApiCallsTest, ASubscriptionThatIsRefusedIsNoResult) {
  broker.order_answer.connections = 1;
  for (const hub::Error error : {hub::Error::limit_exceeded, hub::Error::permission_denied,
                                 hub::Error::internal, hub::Error::unknown_channel}) {
    broker.order_answer.refused = error;
    const auto answer = ask("subscribe", R"({"user":"ada","channel":"a"})");
    expect_error(answer, error);
    EXPECT_NE(answer.find("not subscribed"), std::string::npos) << answer;
  }
}

TEST_F(ApiCallsTest, OrdersGoToEveryShardAndAnswerWithAnEmptyResult) {
  EXPECT_EQ(ask("disconnect", R"({"user":"ada"})"), R"({"result":{}})");
  EXPECT_EQ(last_order<hub::DisconnectOrder>().target.user, "ada");
  EXPECT_EQ(ask("subscribe", R"({"user":"ada","channel":"a"})"), R"({"result":{}})");
  EXPECT_EQ(last_order<hub::SubscribeOrder>().channel, "a");
  EXPECT_EQ(ask("unsubscribe", R"({"user":"ada","channel":"a"})"), R"({"result":{}})");
  EXPECT_EQ(last_order<hub::UnsubscribeOrder>().channel, "a");
  EXPECT_EQ(ask("refresh", R"({"user":"ada","expired":true})"), R"({"result":{}})");
  EXPECT_TRUE(last_order<hub::RefreshOrder>().expired);
  broker.error = hub::Error::internal;
  expect_error(ask("disconnect", R"({"user":"ada"})"), hub::Error::internal);
}

TEST_F(ApiCallsTest, NobodyIsPutIntoPersonalOrUnknownChannels) {
  const hub::ChannelRules rules({.namespaces = {}, .unconfigured = std::nullopt});
  dependencies.channel_rules = &rules;
  for (const char* method : {"subscribe", "unsubscribe"}) {
    for (const auto& [channel, error] : {std::pair{"session:s1", hub::Error::permission_denied},
                                         {"user:ada", hub::Error::permission_denied},
                                         {"a b", hub::Error::bad_request},
                                         {"nowhere:1", hub::Error::unknown_channel}}) {
      expect_error(ask(method, R"({"user":"ada","channel":")" + std::string(channel) + "\"}"),
                   error);
    }
  }
  EXPECT_TRUE(broker.commands.empty());
}

TEST_F(ApiCallsTest, WhatIsNoChannelsNameIsABadRequestAndReachesNoEngine) {
  const hub::ChannelRules rules({.namespaces = {}});
  dependencies.channel_rules = &rules;
  for (const auto& [method, body] : {std::pair{"publish", R"({"channel":"a b","data":1})"},
                                     {"history", R"({"channel":"a b"})"},
                                     {"presence", R"({"channel":"a b"})"},
                                     {"bind", R"({"channel":"a b","session":"s"})"}}) {
    const auto answer = ask(method, body);
    expect_error(answer, hub::Error::bad_request);
    EXPECT_NE(answer.find("not a channel's name"), std::string::npos) << answer;
  }
  const auto answer = ask("broadcast", R"({"channels":["a b","a"],"data":1})");
  EXPECT_TRUE(answer.starts_with(R"({"result":{"responses":[{"error":{"code":107,)")) << answer;
  ASSERT_EQ(broker.published.size(), 1u);
  EXPECT_EQ(broker.published[0].channel, "a");
}

TEST_F(ApiCallsTest, ANamespaceThatIsNotConfiguredIsNamedAndReachesNoEngine) {
  const hub::ChannelRules rules({.namespaces = {{.name = "orders"}}, .unconfigured = std::nullopt});
  dependencies.channel_rules = &rules;
  for (const char* method : {"publish", "history", "presence", "bind", "history_remove"}) {
    const std::string rest = method == std::string_view("publish") ? R"(,"data":1})"
                             : method == std::string_view("bind")  ? R"(,"user":"ada"})"
                                                                   : "}";
    const auto answer = ask(method, R"({"channel":"order:1")" + rest);
    expect_error(answer, hub::Error::unknown_channel);
    EXPECT_NE(answer.find("'order'"), std::string::npos) << answer;
  }
  EXPECT_EQ(broadcast_codes({"orders:1", "order:1", "news"}),
            (std::vector<std::string>{"", "102", "102"}));
  EXPECT_EQ(broker.published.size(), 1u);
  EXPECT_TRUE(broker.calls.empty());
}

TEST_F(ApiCallsTest, InfoDescribesTheNode) {
  options.node_uid = "u1";
  router();
  advance(90s);
  broker.order_answer.info = {
      .clients = 3, .sessions = 2, .users = 1, .channels = 4, .subscriptions = 5};
  EXPECT_EQ(ask("info", ""),
            R"({"result":{"nodes":[{"uid":"u1","name":"u1","version":"0.1.0","num_clients":3,)"
            R"("num_users":1,"num_sessions":2,"num_channels":4,"num_subs":5,"uptime":90}]}})");
}

TEST_F(ApiCallsTest, SessionsTellsWhatIsNeededForAListOfDevices) {
  options.node_uid = "u1";
  router();
  broker.order_answer.live = {{.client = "c1",
                               .session = "s1",
                               .user = "ada",
                               .since = WallTime(1'700'000'000'999ms),
                               .transport = "websocket",
                               .address_key = "\xcb\x01\x71\x4d",
                               .node = {}},
                              {.client = "c2",
                               .session = "s2",
                               .user = {},
                               .since = WallTime(1'700'000'001s),
                               .transport = "tunnel:chat",
                               .address_key = {},
                               .node = "n2"}};
  EXPECT_EQ(ask("sessions", R"({"user":"ada","session":"s1","client":"c1","limit":7})"),
            R"({"result":{"sessions":[{"client":"c1","session":"s1","user":"ada",)"
            R"("since":1700000000,"transport":"websocket","address":{"class":"public",)"
            R"("prefix":"203.1.113.0/24"},"node":"u1"},{"client":"c2","session":"s2",)"
            R"("since":1700000001,"transport":"tunnel:chat","address":{"class":"none"},)"
            R"("node":"n2"}],"truncated":false,"partial":false}})");
  const auto query = last_order<hub::SessionsQuery>();
  EXPECT_EQ(query.target.user, "ada");
  EXPECT_EQ(query.target.session, "s1");
  EXPECT_EQ(query.target.client, "c1");
  EXPECT_EQ(query.limit, 7u);
  broker.order_answer = {.truncated = true, .partial = true};
  EXPECT_EQ(ask("sessions", R"({"user":"ada"})"),
            R"({"result":{"sessions":[],"truncated":true,"partial":true}})");
  broker.error = hub::Error::internal;
  expect_error(ask("sessions", R"({"user":"ada"})"), hub::Error::internal);
}

TEST_F(ApiCallsTest, SessionsNeedsANameAndALimitWithinItsBounds) {
  expect_error(ask("sessions", "{}"), hub::Error::bad_request);
  for (const char* limit : {"0", "1001", "-1", "\"7\""}) {
    expect_error(ask("sessions", std::string(R"({"user":"ada","limit":)") + limit + "}"),
                 hub::Error::bad_request);
  }
  EXPECT_TRUE(broker.commands.empty());
  ask("sessions", R"({"user":"ada","limit":1000})");
  EXPECT_EQ(last_order<hub::SessionsQuery>().limit, 1000u);
  ask("sessions", R"({"user":"ada"})");
  EXPECT_EQ(last_order<hub::SessionsQuery>().limit, kSessionsListedDefault);
}

TEST_F(ApiCallsTest, ChannelsAreFilteredByPattern) {
  broker.order_answer.channels = {{"news:1", 2}, {"news:2", 1}, {"jobs:1", 1}};
  EXPECT_EQ(ask("channels", R"({"pattern":"news:*"})"),
            R"({"result":{"channels":{"news:1":{"num_clients":2},"news:2":{"num_clients":1}}}})");
  EXPECT_EQ(last_order<hub::ChannelsQuery>().prefix, "news:");
  EXPECT_EQ(ask("channels", R"({"pattern":"*:1"})"),
            R"({"result":{"channels":{"jobs:1":{"num_clients":1},"news:1":{"num_clients":2}}}})");
  broker.order_answer = {.truncated = true};
  EXPECT_EQ(ask("channels", "{}"), R"({"result":{"channels":{},"truncated":true}})");
}

TEST_F(ApiCallsTest, ALongListOfChannelsIsFilteredInSlices) {
  std::string pattern;
  while (pattern.size() < ChannelPattern::kBytesMax) pattern += "*a";
  for (int i = 0; i < 300; ++i) {
    broker.order_answer.channels[std::to_string(i) + std::string(200, 'a')] = 1;
  }
  start({.target = "/api/channels",
         .fields = {{"X-API-Key", "key-one"}},
         .body = R"({"pattern":")" + pattern + R"(*"})",
         .listener = edge::ListenerRole::api});
  ASSERT_TRUE(reply_);
  EXPECT_TRUE(reply_->has("\"code\":107")) << "one byte too many";
  start({.target = "/api/channels",
         .fields = {{"X-API-Key", "key-one"}},
         .body = R"({"pattern":")" + pattern + R"("})",
         .listener = edge::ListenerRole::api});
  EXPECT_FALSE(reply_);
  EXPECT_EQ(turns.size(), 1u);
  EXPECT_GT(run_turns(), 10u);
  ASSERT_TRUE(reply_);
  EXPECT_TRUE(reply_->has("\"299aaa"));
}

// What a publication throws costs its own call.
TEST_F(ApiCallsTest, ABroadcastThatBreaksDoesNotHoldUpTheNext) {
  std::vector<std::string> channels(250, "a");
  channels[120] = "broken";
  broker.breaks_at = "broken";
  start(to_broadcast(channels, "1"));
  EXPECT_FALSE(reply_);
  EXPECT_THROW(run_turns(), BrokenInvariant);
  ASSERT_TRUE(reply_);
  EXPECT_EQ(reply_->body, R"({"error":{"code":100,"message":"internal server error"}})");
  EXPECT_EQ(broadcast_codes({"b", "c"}), (std::vector<std::string>{"", ""}));
}

TEST_F(ApiCallsTest, PresenceAndItsStats) {
  broker.clients = {{.client = "c1", .user = "ada", .conn_info = R"({"n":1})", .chan_info = {}}};
  broker.stats = {.clients = 2, .users = 1};
  EXPECT_EQ(ask("presence", R"({"channel":"a"})"),
            R"({"result":{"presence":{"c1":{"user":"ada","client":"c1","conn_info":{"n":1}}}}})");
  EXPECT_EQ(ask("presence_stats", R"({"channel":"a"})"),
            R"({"result":{"num_clients":2,"num_users":1}})");
  broker.error = hub::Error::not_available;
  expect_error(ask("presence", R"({"channel":"a"})"), hub::Error::not_available);
}

TEST_F(ApiCallsTest, HistoryIsAPageOfPublicationsAndThePosition) {
  auto publication = std::make_shared<hub::Publication>();
  publication->offset = 3;
  publication->data = R"({"a":1})";
  broker.page.publications = {publication};
  broker.page.position = {.offset = 4, .epoch = "qFhv"};
  EXPECT_EQ(
      ask("history", R"({"channel":"a","limit":1})"),
      R"({"result":{"publications":[{"data":{"a":1},"offset":3}],"epoch":"qFhv","offset":4}})");
  ASSERT_TRUE(broker.query);
  EXPECT_EQ(broker.query->limit, 1u);
}

TEST_F(ApiCallsTest, HistorySinceAnotherEpochIsUnrecoverable) {
  broker.page.gap = wire::RecoveryGap::epoch_changed;
  expect_error(ask("history", R"({"channel":"a","limit":1,"since":{"offset":1,"epoch":"x"}})"),
               hub::Error::unrecoverable_position);
  broker.page.gap = wire::RecoveryGap::trimmed;  // what is kept is an answer
  EXPECT_TRUE(ask("history", R"({"channel":"a","limit":1,"since":{"offset":1,"epoch":"x"}})")
                  .starts_with("{\"result\""));
}

TEST_F(ApiCallsTest, HistoryRemoveAndBindReachTheEngine) {
  EXPECT_EQ(ask("history_remove", R"({"channel":"a"})"), R"({"result":{}})");
  EXPECT_EQ(ask("bind", R"({"channel":"job:1","session":"s1","ttl":60})"), R"({"result":{}})");
  EXPECT_EQ(broker.calls, (std::vector<std::string>{"history_remove a", "bind job:1"}));
  EXPECT_EQ(broker.bound_to, (hub::Owner{.session = "s1", .user = {}}));
  EXPECT_EQ(broker.bound_for, 60s);
  broker.error = hub::Error::not_available;
  expect_error(ask("bind", R"({"channel":"job:1","session":"s1"})"), hub::Error::not_available);
}

TEST_F(ApiCallsTest, RevocationShutsTheDoorAndSendsOutWhoIsInside) {
  EXPECT_EQ(ask("revoke", R"({"session":"s1"})"), R"({"result":{}})");
  const auto order = last_order<hub::DisconnectOrder>();
  EXPECT_EQ(order.target.session, "s1");
  EXPECT_EQ(order.code, 3520);
  EXPECT_EQ(order.reason, "SESSION_REVOKED");
  EXPECT_EQ(ask_ticket(sign(claims("s1"))).code(), "SESSION_REVOKED");
  EXPECT_EQ(ask_ticket(sign(claims("s2"))).status, 200);

  ask("revoke", R"({"user":"ada"})");
  EXPECT_EQ(last_order<hub::DisconnectOrder>().target.user, "ada");
  ask("revoke", R"({"jti":"j1"})");
  EXPECT_EQ(last_order<hub::DisconnectOrder>().target.jti, "j1");
  ask("revoke", R"({"sid":"7","issuer":"https://idp.example"})");
  EXPECT_EQ(last_order<hub::DisconnectOrder>().target.sid, "https://idp.example\n7");
}

struct FakeRevoker final : Revoker {
  void revoke(auth::RevokedBy by, std::string_view name, WallTime revoked_at, WallTime until,
              WallTime now, Handler done) override {
    EXPECT_EQ(revoked_at, now);
    asked.push_back(std::to_string(static_cast<int>(by)) + " " + std::string(name) + " " +
                    std::to_string(unix_seconds(until) - unix_seconds(now)));
    done(answer);
  }
  RevokedElsewhere answer = RevokedElsewhere::yes;
  std::vector<std::string> asked;
};

TEST_F(ApiCallsTest, ARevocationIsSaidToBeInForceOnlyWhenAllGatewaysCanKnowIt) {
  FakeRevoker revoker;
  dependencies.revoker = &revoker;
  EXPECT_EQ(ask("revoke", R"({"user":"ada","ttl":60})"), R"({"result":{}})");
  EXPECT_EQ(revoker.asked, std::vector<std::string>{"1 ada 60"});
  EXPECT_EQ(last_order<hub::DisconnectOrder>().target.user, "ada");

  broker.commands.clear();
  broker.orders_here.clear();
  revoker.answer = RevokedElsewhere::later;
  expect_error(ask("revoke", R"({"session":"s1"})"), hub::Error::internal);
  EXPECT_TRUE(broker.commands.empty())
      << "the others close what the revocation names by themselves";
  ASSERT_EQ(broker.orders_here.size(), 1u) << "closed here at once";
  EXPECT_EQ(std::get<hub::DisconnectOrder>(broker.orders_here[0]).target.session, "s1");
  revoker.answer = RevokedElsewhere::full;
  expect_error(ask("revoke", R"({"session":"s2"})"), hub::Error::limit_exceeded);
  EXPECT_EQ(broker.orders_here.size(), 2u);
  EXPECT_EQ(ask_ticket(sign(claims("s1"))).code(), "SESSION_REVOKED") << "here, at any rate";
}

TEST_F(ApiCallsTest, ABindingThatTheEngineDidNotTakeIsNotKept) {
  broker.error = hub::Error::internal;
  const std::string answer = ask("bind", R"({"channel":"a","user":"ada","ttl":60})");
  expect_error(answer, hub::Error::internal);
  EXPECT_NE(answer.find("will not be later"), std::string::npos) << answer;
}

TEST_F(ApiCallsTest, AnOrderThatNotEveryGatewayWasToldOfIsAnErrorThatSaysSo) {
  for (const auto& [elsewhere, words] : {std::pair{hub::Elsewhere::later, "as soon as"},
                                         std::pair{hub::Elsewhere::unconfirmed, "confirmed"},
                                         std::pair{hub::Elsewhere::dropped, "orders_kept_max"}}) {
    broker.order_answer.elsewhere = elsewhere;
    for (const auto& [method, call] : {std::pair{"disconnect", R"({"user":"ada"})"},
                                       std::pair{"subscribe", R"({"user":"ada","channel":"a"})"}}) {
      const std::string answer = ask(method, call);
      expect_error(answer, hub::Error::internal);
      EXPECT_NE(answer.find("carried out on this gateway"), std::string::npos) << answer;
      EXPECT_NE(answer.find(words), std::string::npos) << answer;
    }
  }
}

TEST_F(ApiCallsTest, AnOrderThatTheEngineDidNotTakeIsAnErrorThatSaysSo) {
  broker.error = hub::Error::internal;
  for (const auto& [method, call] : {std::pair{"disconnect", R"({"user":"ada"})"},
                                     std::pair{"subscribe", R"({"user":"ada","channel":"a"})"}}) {
    const std::string answer = ask(method, call);
    expect_error(answer, hub::Error::internal);
    EXPECT_NE(answer.find("will not be later"), std::string::npos) << answer;
  }
}

TEST_F(ApiCallsTest, ARevocationHoldsForAsLongAsItsTokenCouldBeAccepted) {
  options.leeway = 30s;
  ask("revoke", R"({"session":"s1","ttl":60})");
  advance(89s);
  EXPECT_EQ(ask_ticket(sign(claims("s1"))).status, 401);
  advance(1s);
  EXPECT_EQ(ask_ticket(sign(claims("s1"))).status, 200);
}

TEST_F(ApiCallsTest, RevocationEndsWithItsTtl) {
  options.revocation_ttl = 600s;
  ask("revoke", R"({"session":"short","ttl":60})");
  ask("revoke", R"({"session":"long"})");
  advance(61s);
  EXPECT_EQ(ask_ticket(sign(claims("short"))).status, 200);
  EXPECT_EQ(ask_ticket(sign(claims("long"))).status, 401);
  advance(540s);
  EXPECT_EQ(ask_ticket(sign(claims("long"))).status, 200);
}

TEST_F(ApiCallsTest, BackendsTicketOpensForItsUser) {
  const auto answer = ask("ticket", R"({"session":"s1","user":"ada","channels":["a"]})");
  EXPECT_TRUE(answer.starts_with(R"({"result":{"ticket":")")) << answer;
  EXPECT_TRUE(answer.ends_with(R"(","expires_in":30}})")) << answer;
  const auto text = answer.substr(21, 32);
  EXPECT_EQ(log.count(text), 0u);
  EXPECT_EQ(log.count("[WSTicket] Ticket generated { hasUserId: true, ttl: 30, session: '"), 1u);
  const auto grant = redeem(text);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->user, "ada");
  EXPECT_EQ(grant->iat, unix_now());
  EXPECT_EQ(grant->token_exp, unix_now() + 24 * 3600);
  EXPECT_EQ(grant->origin, std::nullopt);
}

TEST_F(ApiCallsTest, BackendsTicketIsRefusedForTheRevokedThePastAndAFullOrSickStore) {
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::session, "s1", 1h, wall_clock.now()));
  expect_error(ask("ticket", R"({"session":"s1"})"), hub::Error::permission_denied);
  expect_error(ask("ticket", R"({"session":"s2","expire_at":1000})"), hub::Error::bad_request);
  chosen_store.choose(sick_store);
  expect_error(ask("ticket", R"({"session":"s2"})"), hub::Error::internal);
  sick_store.outcome = ticket::PutError::overloaded;
  expect_error(ask("ticket", R"({"session":"s2"})"), hub::Error::limit_exceeded);
  EXPECT_EQ(metrics.tickets_issued.value(), 0u);
}

TEST_F(ApiCallsTest, ATicketThatOpensNothingHasItsReasonBesideTheError) {
  EXPECT_TRUE(
      ask("redeem", R"({"ticket":"none","origin":null})")
          .starts_with(R"({"error":{"code":109,"message":"token expired","reason":"unknown")"));
}

}  // namespace
}  // namespace usher::api
