#include "api/api_request.h"

#include <gtest/gtest.h>

#include "gateway/ticket_route.h"

namespace usher::api {
namespace {

using namespace std::chrono_literals;

class ApiRequestTest : public testing::Test {
 protected:
  Result<ApiCall, ApiError> read(ApiMethod method, std::string_view body) {
    const auto root = json.parse(body, {.open_levels = kApiCallLevels});
    EXPECT_TRUE(root) << body;
    return read_api_call(method, root ? *root : wire::JsonNode(), limits);
  }
  // The call, which must be of that type.
  template <class Call>
  Call good(ApiMethod method, std::string_view body) {
    auto outcome = read(method, body);
    EXPECT_TRUE(outcome) << body;
    if (!outcome) return {};
    return std::get<Call>(*std::move(outcome));
  }
  void expect_bad(ApiMethod method, std::initializer_list<std::string> bodies) {
    for (const std::string& body : bodies) {
      const auto outcome = read(method, body);
      ASSERT_FALSE(outcome) << body;
      const ApiError& error = outcome.error();
      EXPECT_EQ(error.code, wire::ProtocolError::bad_request) << body;
      EXPECT_FALSE(error.detail.empty()) << body;
    }
  }

  wire::JsonReader json;
  ApiLimits limits{
      .message_bytes_max = 100, .broadcast_channels_max = 3, .channels_per_connection = 2};
};

TEST_F(ApiRequestTest, PublishTakesAllThatCentrifugoNames) {
  const auto call = good<hub::PublishRequest>(
      ApiMethod::publish,
      R"({"channel":"a","data":[1],"tags":{"k":"v"},"idempotency_key":"i1","skip_history":true,"later":{}})");
  EXPECT_EQ(call.channel, "a");
  EXPECT_EQ(call.data, "[1]");
  EXPECT_EQ(call.tags, R"({"k":"v"})");
  EXPECT_EQ(call.idempotency_key, "i1");
  EXPECT_TRUE(call.skip_history);
  EXPECT_EQ(
      good<hub::PublishRequest>(ApiMethod::publish, R"({"channel":"a","data":null,"tags":null})")
          .data,
      "null");
}

// A result means that all of the call was done. The members are Centrifugo's, of all its versions.
TEST_F(ApiRequestTest, WhatIsNotDoneIsRefusedByItsName) {
  const std::string publication = R"({"channel":"a","data":1)";
  const std::string broadcast = R"({"channels":["a"],"data":1)";
  const std::string order = R"({"user":"ada","channel":"a")";
  const std::string user = R"({"user":"ada")";
  const std::string channel = R"({"channel":"a")";
  const std::string bind = R"({"channel":"a","user":"ada")";
  const std::string session = R"({"session":"s1")";
  struct Case {
    ApiMethod method;
    std::string good;
    std::vector<std::string> members;
  };
  const std::vector<std::string> of_publications{
      R"("version_epoch":"v")", R"("delta":true)", R"("b64data":"MQ==")", R"("info":{"a":1})",
      R"("meta":[1])",          R"("key":"k")",    R"("data_type":"x")",  R"("score":1)"};
  for (const Case& each : std::vector<Case>{
           {ApiMethod::publish, publication, of_publications},
           {ApiMethod::broadcast, broadcast, of_publications},
           {ApiMethod::broadcast, broadcast, {R"("channel":"a")"}},
           {ApiMethod::publish, publication, {R"("channels":["a"])", R"("idempotencykey":"i")"}},
           {ApiMethod::subscribe,
            order,
            {R"("b64info":"AQ==")", R"("b64data":"AQ==")", R"("label_filter":{"key":"a"})",
             R"("all_users":true)", R"("tagsFilter":{"k":"v"})", R"("recover":true)"}},
           {ApiMethod::unsubscribe, order, {R"("all_users":true)", R"("code":2000)"}},
           {ApiMethod::disconnect, user, {R"("code":4000)", R"("reconnect":true)"}},
           {ApiMethod::refresh, user, {R"("info":{"a":1})", R"("ttl":5)", R"("channel":"a")"}},
           {ApiMethod::presence, channel, {R"("user":"ada")"}},
           {ApiMethod::presence_stats, channel, {R"("user":"ada")"}},
           {ApiMethod::history, channel, {R"("use_since":true)", R"("filter":{"a":1})"}},
           {ApiMethod::history_remove, channel, {R"("limit":1)"}},
           {ApiMethod::channels, R"({"pattern":"a")", {R"("limit":1)"}},
           {ApiMethod::info, R"({"x":0)", {R"("node":"n1")"}},
           {ApiMethod::bind, bind, {R"("expire_at":1800000000)", R"("jti":"j")"}},
           {ApiMethod::revoke, user, {R"("expire_at":1800000000)", R"("client":"c")"}},
           {ApiMethod::ticket,
            session,
            {R"("ttl":5)", R"("user_info":{"a":1})", R"("grants":["a"])"}},
           {ApiMethod::redeem,
            R"({"ticket":"t","origin":null)",
            {R"("address":"192.0.2.1")", R"("session":"s1")"}},
           {ApiMethod::sessions, user, {R"("jti":"j")", R"("offset":1)"}},
       }) {
    EXPECT_TRUE((read(each.method, each.good + "}"))) << each.good;
    for (const std::string& member : each.members) {
      const auto outcome = read(each.method, each.good + "," + member + "}");
      ASSERT_FALSE(outcome) << each.good << member;
      const ApiError& error = outcome.error();
      EXPECT_EQ(error.code, wire::ProtocolError::bad_request);
      const std::string name = member.substr(1, member.find('"', 1) - 1);
      EXPECT_NE(error.detail.find("'" + name + "'"), std::string::npos) << error.detail;
    }
  }
}

TEST_F(ApiRequestTest, WhatIsNotDoneInsideOfAMemberIsRefusedByItsPath) {
  for (const auto& [method, body, path] :
       {std::tuple{ApiMethod::disconnect,
                   R"({"user":"a","disconnect":{"code":4000,"reason":"x","reconnect":true}})",
                   "disconnect.reconnect"},
        {ApiMethod::subscribe, R"({"user":"a","channel":"a","recover_since":{"offset":1,"gen":2}})",
         "recover_since.gen"},
        {ApiMethod::history, R"({"channel":"a","since":{"offset":1,"gen":2}})", "since.gen"}}) {
    const auto outcome = read(method, body);
    ASSERT_FALSE(outcome) << body;
    EXPECT_NE(outcome.error().detail.find(path), std::string::npos);
  }
}

TEST_F(ApiRequestTest, WhatSaysNothingIsPassedOver) {
  EXPECT_TRUE((read(
      ApiMethod::publish,
      R"({"channel":"a","data":1,"version":0,"version_epoch":"","delta":false,"b64data":null})")));
  EXPECT_TRUE((
      read(ApiMethod::subscribe,
           R"({"user":"a","channel":"a","expire_at":0,"info":{ },"override":{},"whitelist":[]})")));
}

TEST_F(ApiRequestTest, PatternsOfChannelsAreReadOrRefused) {
  EXPECT_FALSE(good<ChannelsCall>(ApiMethod::channels, "{}").pattern);
  EXPECT_FALSE(good<ChannelsCall>(ApiMethod::channels, R"({"pattern":""})").pattern);
  EXPECT_TRUE(good<ChannelsCall>(ApiMethod::channels, R"({"pattern":"a:{b,c}?"})")
                  .pattern->matches("a:b1"));
  expect_bad(ApiMethod::channels,
             {R"({"pattern":"{a"})", R"({"pattern":"[]"})", R"({"pattern":7})"});
  const auto stars = [](std::size_t count) {
    return R"({"pattern":")" + std::string(count, '*') + "\"}";
  };
  EXPECT_TRUE(good<ChannelsCall>(ApiMethod::channels, stars(128)).pattern);
  expect_bad(ApiMethod::channels, {stars(129)});
}

TEST_F(ApiRequestTest, ATicketHasAsManyChannelsAsAToken) {
  limits.channels_per_token = 2;
  EXPECT_EQ(good<TicketCall>(ApiMethod::ticket, R"({"session":"s","channels":["a","b"]})")
                .grant.channels.size(),
            2u);
  expect_bad(ApiMethod::ticket, {R"({"session":"s","channels":["a","b","c"]})"});
}

TEST_F(ApiRequestTest, PublishNeedsAChannelAndData) {
  expect_bad(ApiMethod::publish,
             {"{}", "[]", "7", R"({"channel":"a"})", R"({"data":1})", R"({"channel":"","data":1})",
              R"({"channel":7,"data":1})", R"({"channel":null,"data":1})",
              R"({"channel":"a","data":1,"tags":{"k":1}})", R"({"channel":"a","data":1,"tags":[]})",
              R"({"channel":"a","data":1,"skip_history":"yes"})",
              R"({"channel":"a","data":1,"idempotency_key":")" + std::string(257, 'k') + "\"}",
              R"({"data":1,"channel":")" + std::string(kApiTextBytesMax + 1, 'c') + "\"}"});
}

TEST_F(ApiRequestTest, MessageLimitHoldsAtItsBound) {
  const auto body = [](std::size_t bytes) {
    return R"({"channel":"a","data":")" + std::string(bytes - 2, 'x') + "\"}";
  };
  EXPECT_EQ(good<hub::PublishRequest>(ApiMethod::publish, body(100)).data.size(), 100u);
  const auto outcome = read(ApiMethod::publish, body(101));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, wire::ProtocolError::limit_exceeded);
}

TEST_F(ApiRequestTest, BroadcastNeedsChannelsUpToItsBound) {
  const auto call =
      good<BroadcastCall>(ApiMethod::broadcast, R"({"channels":["a","b","c"],"data":1})");
  EXPECT_EQ(call.channels, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(call.publication.data, "1");
  expect_bad(
      ApiMethod::broadcast,
      {R"({"channels":[],"data":1})", R"({"channels":["a"]})", R"({"channels":"a","data":1})",
       R"({"channels":["a",7],"data":1})", R"({"channels":["a","b","c","d"],"data":1})"});
  EXPECT_EQ(good<BroadcastCall>(ApiMethod::broadcast, R"({"channels":["a",""],"data":1})")
                .channels.size(),
            2u)
      << "an empty name costs itself, later";
}

TEST_F(ApiRequestTest, DisconnectNamesSomebodyAndMayHaveItsOwnCode) {
  const auto plain = good<hub::DisconnectOrder>(ApiMethod::disconnect, R"({"user":"ada"})");
  EXPECT_EQ(plain.target.user, "ada");
  EXPECT_EQ(plain.code, 3503);
  EXPECT_EQ(plain.reason, "FORCE_DISCONNECT");
  const auto own = good<hub::DisconnectOrder>(
      ApiMethod::disconnect,
      R"({"session":"s1","whitelist":["c1"],"disconnect":{"code":4500,"reason":"banned"}})");
  EXPECT_EQ(own.target.session, "s1");
  EXPECT_EQ(own.target.spared_clients, std::vector<std::string>{"c1"});
  EXPECT_EQ(own.code, 4500);
  EXPECT_EQ(own.reason, "banned");
}

TEST_F(ApiRequestTest, DisconnectOfNobodyOrWithACodeThatMayNotBeSentIsRefused) {
  expect_bad(
      ApiMethod::disconnect,
      {"{}", R"({"user":""})", R"({"whitelist":["c1"]})",
       R"({"user":"a","disconnect":{"code":1006,"reason":"x"}})",
       R"({"user":"a","disconnect":{"code":5000,"reason":"x"}})",
       R"({"user":"a","disconnect":{"code":70539,"reason":"x"}})",
       R"({"user":"a","disconnect":{"code":-1,"reason":"x"}})", R"({"user":"a","disconnect":7})",
       R"({"user":"a","disconnect":{"code":4000,"reason":")" + std::string(124, 'r') + "\"}}"});
  EXPECT_EQ(good<hub::DisconnectOrder>(ApiMethod::disconnect,
                                       R"({"user":"a","disconnect":{"code":4000,"reason":")" +
                                           std::string(123, 'r') + "\"}}")
                .reason.size(),
            123u);
}

TEST_F(ApiRequestTest, SubscribeAndUnsubscribeNameSomebodyAndAChannel) {
  const auto order = good<hub::SubscribeOrder>(
      ApiMethod::subscribe,
      R"({"user":"ada","client":"c1","channel":"a","recover_since":{"offset":5,"epoch":"e"}})");
  EXPECT_EQ(order.target.client, "c1");
  EXPECT_EQ(order.recover_since, (hub::Position{.offset = 5, .epoch = "e"}));
  EXPECT_EQ(good<hub::UnsubscribeOrder>(ApiMethod::unsubscribe, R"({"user":"ada","channel":"a"})")
                .channel,
            "a");
  for (const auto method : {ApiMethod::subscribe, ApiMethod::unsubscribe}) {
    expect_bad(method, {R"({"user":"ada"})", R"({"channel":"a"})", R"({"user":7,"channel":"a"})"});
  }
  expect_bad(ApiMethod::subscribe, {R"({"user":"a","channel":"a","recover_since":{"offset":-1}})",
                                    R"({"user":"a","channel":"a","recover_since":1})"});
}

TEST_F(ApiRequestTest, RefreshEndsOrMovesTheExpiry) {
  EXPECT_TRUE(
      good<hub::RefreshOrder>(ApiMethod::refresh, R"({"user":"a","expired":true})").expired);
  EXPECT_EQ(good<hub::RefreshOrder>(ApiMethod::refresh, R"({"user":"a","expire_at":1800000000})")
                .expire_at,
            1800000000);
  EXPECT_EQ(good<hub::RefreshOrder>(ApiMethod::refresh, R"({"user":"a","expire_at":0})").expire_at,
            std::nullopt);
  expect_bad(ApiMethod::refresh,
             {"{}", R"({"user":"a","expire_at":"soon"})", R"({"user":"a","expire_at":1.5})"});
}

TEST_F(ApiRequestTest, HistoryWithoutALimitAsksForThePositionAlone) {
  EXPECT_EQ(good<HistoryCall>(ApiMethod::history, R"({"channel":"a"})").query.limit, 0u);
  EXPECT_EQ(good<HistoryCall>(ApiMethod::history, R"({"channel":"a","limit":-1})").query.limit,
            hub::kNoLimit);
  const auto call = good<HistoryCall>(
      ApiMethod::history,
      R"({"channel":"a","limit":2,"reverse":true,"since":{"offset":4,"epoch":"e"}})");
  EXPECT_EQ(call.query.limit, 2u);
  EXPECT_TRUE(call.query.reverse);
  EXPECT_EQ(call.query.since, (hub::Position{.offset = 4, .epoch = "e"}));
  expect_bad(ApiMethod::history,
             {"{}", R"({"channel":"a","limit":"2"})", R"({"channel":"a","since":[]})"});
}

TEST_F(ApiRequestTest, CallsOnOneChannelNeedIt) {
  for (const auto method :
       {ApiMethod::presence, ApiMethod::presence_stats, ApiMethod::history_remove}) {
    EXPECT_TRUE((read(method, R"({"channel":"a"})")));
    expect_bad(method, {"{}", R"({"channel":[]})"});
  }
}

TEST_F(ApiRequestTest, BindNamesExactlyOneOwner) {
  const auto call =
      good<BindCall>(ApiMethod::bind, R"({"channel":"job:1","session":"s1","ttl":60})");
  EXPECT_EQ(call.owner.session, "s1");
  EXPECT_EQ(call.ttl, 60s);
  EXPECT_EQ(good<BindCall>(ApiMethod::bind, R"({"channel":"job:1","user":"ada","ttl":"2h"})").ttl,
            2h);
  EXPECT_EQ(good<BindCall>(ApiMethod::bind, R"({"channel":"job:1","user":"ada"})").ttl,
            kDefaultBindTtl);
  expect_bad(
      ApiMethod::bind,
      {R"({"channel":"job:1"})", R"({"channel":"job:1","session":"s","user":"u"})",
       R"({"session":"s"})", R"({"channel":"j","user":"u","ttl":0})",
       R"({"channel":"j","user":"u","ttl":-5})", R"({"channel":"j","user":"u","ttl":"soon"})",
       R"({"channel":"j","user":"u","ttl":1.5})",
       R"({"channel":"j","user":"u","ttl":18446744073709551615})"});
}

TEST_F(ApiRequestTest, RevokeNamesExactlyOneThing) {
  const auto call = good<RevokeCall>(ApiMethod::revoke, R"({"user":"ada","ttl":"90m"})");
  EXPECT_EQ(call.by, auth::RevokedBy::user);
  EXPECT_EQ(call.name, "ada");
  EXPECT_EQ(call.ttl, 90min);
  EXPECT_EQ(good<RevokeCall>(ApiMethod::revoke, R"({"jti":"j"})").by, auth::RevokedBy::jti);
  EXPECT_EQ(good<RevokeCall>(ApiMethod::revoke, R"({"session":"s"})").ttl, 0s);
  const auto sid = good<RevokeCall>(ApiMethod::revoke, R"({"sid":"7","issuer":"https://i"})");
  EXPECT_EQ(sid.by, auth::RevokedBy::sid);
  EXPECT_EQ(sid.name, "https://i\n7");
  expect_bad(ApiMethod::revoke, {R"({"sid":"7"})", R"({"user":"a","issuer":"i"})",
                                 R"({"sid":"7","issuer":"i","jti":"j"})"});
  expect_bad(ApiMethod::revoke, {"{}", R"({"user":"a","session":"b"})", R"({"user":"a","jti":"b"})",
                                 R"({"user":7})", R"({"user":"a","ttl":0})"});
}

TEST_F(ApiRequestTest, TicketHoldsWhatAGrantHolds) {
  const auto call = good<TicketCall>(
      ApiMethod::ticket,
      R"({"session":"s1","user":"ada","jti":"j1","channels":["a","b*"],"expire_at":1800000100,)"
      R"("origin":"https://app.example","subs":{"a":{"recover":true,"epoch":"e","offset":3}}})");
  EXPECT_EQ(call.grant, (ticket::Grant{.session = "s1",
                                       .user = "ada",
                                       .jti = "j1",
                                       .iat = {},
                                       .token_exp = 1800000100,
                                       .channels = {"a", "b*"},
                                       .subs = R"({"a":{"recover":true,"epoch":"e","offset":3}})",
                                       .origin = "https://app.example"}));
}

TEST_F(ApiRequestTest, TicketHasInfoOfAnyTypeWithinItsBytes) {
  const auto call = [](const std::string& info) {
    return R"({"session":"s","info":)" + info + "}";
  };
  limits.info_bytes_max = 10;
  for (const auto* info : {R"({"n":1.50})", "[1,{}]", R"("12345678")", "0"}) {
    EXPECT_EQ(good<TicketCall>(ApiMethod::ticket, call(info)).grant.info, info);
  }
  EXPECT_EQ(good<TicketCall>(ApiMethod::ticket, call("[\n1]")).grant.info, "[ 1]");
  EXPECT_EQ(good<TicketCall>(ApiMethod::ticket, call("null")).grant.info, "");
  expect_bad(ApiMethod::ticket, {call(R"("123456789")")});
}

TEST_F(ApiRequestTest, TicketHasClaimsThatTheConfigurationNames) {
  limits.claims = {"org", "plan"};
  const std::string object = R"({"plan":"pro","org":[1,{"a":2}]})";
  limits.claims_bytes_max = object.size();
  const auto claims = [this](const std::string& value) {
    return good<TicketCall>(ApiMethod::ticket, R"({"session":"s","claims":)" + value + "}")
        .grant.claims;
  };
  EXPECT_EQ(claims(object), object);
  EXPECT_EQ(claims("{}"), "");
  EXPECT_EQ(claims("null"), "");
  expect_bad(ApiMethod::ticket, {R"({"session":"s","claims":{"role":"admin"}})",
                                 R"({"session":"s","claims":["org"]})"});
  limits.claims_bytes_max = object.size() - 1;
  const auto longer = read(ApiMethod::ticket, R"({"session":"s","claims":)" + object + "}");
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().detail, "'claims' is longer than ticket.claims_bytes");
}

TEST_F(ApiRequestTest, TicketWithoutASessionOrWithOddNamesIsRefused) {
  expect_bad(
      ApiMethod::ticket,
      {"{}", R"({"user":"ada"})", R"({"session":"a\nb"})",
       R"({"session":")" + std::string(256, 's') + "\"}", R"({"session":"s","origin":"nonsense"})",
       R"({"session":"s","channels":["a",1]})", R"({"session":"s","channels":["a\u0000b"]})",
       R"({"session":"s","subs":[]})", R"({"session":"s","subs":{"a":1}})",
       R"({"session":"s","subs":{"a":{},"b":{},"c":{}}})",
       R"({"session":"s","subs":{)" + std::string(ticket::kSubsBytesMax, ' ') + "}}"});
  EXPECT_EQ(good<TicketCall>(ApiMethod::ticket, R"({"session":"s","origin":"null"})").grant.origin,
            "null");
}

TEST_F(ApiRequestTest, RedeemSaysFromWhichOriginOrThatThereIsNone) {
  const auto call =
      good<RedeemCall>(ApiMethod::redeem, R"({"ticket":"t","origin":"https://app.example"})");
  EXPECT_EQ(call.ticket, "t");
  EXPECT_EQ(call.origin, "https://app.example");
  EXPECT_EQ(good<RedeemCall>(ApiMethod::redeem, R"({"ticket":"t","origin":null})").origin,
            std::nullopt);
  EXPECT_EQ(good<RedeemCall>(ApiMethod::redeem, R"({"ticket":"t","origin":"null"})").origin,
            "null");
  EXPECT_EQ(good<RedeemCall>(ApiMethod::redeem, R"({"ticket":"t","origin":""})").origin, "");
  expect_bad(ApiMethod::redeem, {"{}", R"({"origin":null})", R"({"ticket":null,"origin":null})",
                                 R"({"ticket":"","origin":null})", R"({"ticket":7,"origin":null})",
                                 R"({"ticket":"t","origin":7})", R"({"ticket":"t","origin":false})",
                                 R"({"ticket":"t","origin":["null"]})"});
  const auto forgotten = read(ApiMethod::redeem, R"({"ticket":"t"})");
  ASSERT_FALSE(forgotten);
  EXPECT_TRUE(forgotten.error().detail.starts_with("'origin' is missing")) << "it says so";
}

TEST_F(ApiRequestTest, MethodsAreKnownByTheirNames) {
  EXPECT_EQ(api_method("presence_stats"), ApiMethod::presence_stats);
  EXPECT_EQ(api_method("batch"), ApiMethod::batch);
  EXPECT_EQ(api_method("Publish"), std::nullopt);
  EXPECT_EQ(api_method(""), std::nullopt);
}

}  // namespace
}  // namespace usher::api
