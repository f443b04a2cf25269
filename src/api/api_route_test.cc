#include "api/api_route.h"

#include "support/gateway_fixture.h"

namespace usher::api {
namespace {

using namespace std::chrono_literals;

class ApiRouteTest : public gateway::GatewayTest {
 protected:
  Call to(const std::string& method, std::string body = {}) const {
    return {.target = "/api/" + method,
            .fields = {{"X-API-Key", "key-one"}},
            .body = std::move(body),
            .listener = edge::ListenerRole::api};
  }
  gateway::Reply ask(const std::string& method, std::string body = {}) {
    return send(to(method, std::move(body)));
  }
  gateway::Reply ask_in_transport_mode(const std::string& method, std::string body = {}) {
    Call call = to(method, std::move(body));
    call.fields.emplace_back("X-Centrifugo-Error-Mode", "transport");
    return send(call);
  }
  gateway::Reply with(std::vector<std::pair<std::string, std::string>> fields,
                      const char* peer = "192.0.2.1") {
    Call call = to("publish", R"({"channel":"a","data":1})");
    call.fields = std::move(fields);
    call.peer = peer;
    return send(call);
  }
};

TEST_F(ApiRouteTest, PublishAnswersWithThePositionThatTheEngineGave) {
  const auto reply = ask("publish", R"({"channel":"news:1","data":{"n":1}})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Type"), "application/json");
  EXPECT_EQ(reply.body, R"({"result":{"offset":7,"epoch":"ep"}})");
  ASSERT_EQ(broker.published.size(), 1u);
  EXPECT_EQ(broker.published[0].channel, "news:1");
  EXPECT_EQ(broker.published[0].data, R"({"n":1})");
  EXPECT_EQ(metrics.publications[metrics::PublishedBy::backend].value(), 1u);
  EXPECT_EQ(api_metrics.calls[ApiMethod::publish].value(), 1u);
}

TEST_F(ApiRouteTest, SessionsCanBeAskedByAQuery) {
  const auto get = [&](const std::string& query) {
    Call call = to("sessions" + query);
    call.method = "GET";
    return send(call);
  };
  EXPECT_EQ(get("?user=ada+%C3%A4&limit=5").body,
            R"({"result":{"sessions":[],"truncated":false,"partial":false}})");
  const auto query = std::get<hub::SessionsQuery>(broker.commands.back());
  EXPECT_EQ(query.target.user, "ada ä");
  EXPECT_EQ(query.limit, 5u);
  broker.commands.clear();
  for (const char* bad : {"", "?", "?user=", "?user=%zz", "?user=a&user=b", "?user=a&limit=x",
                          "?user=a&limit=01", "?user=a&limit=1001", "?user=a&color=red"}) {
    const auto reply = get(bad);
    EXPECT_EQ(reply.status, 200) << bad;
    EXPECT_TRUE(reply.has(R"("code":107)")) << bad;
  }
  EXPECT_TRUE(broker.commands.empty());
}

TEST_F(ApiRouteTest, AQueryOfSessionsNeedsWhatEveryCallNeeds) {
  Call call = to("sessions?user=ada");
  call.method = "GET";
  call.fields = {};
  EXPECT_EQ(send(call).status, 401);
  call.fields = {{"X-API-Key", "key-one"}, {"Origin", "https://app.example.com"}};
  EXPECT_EQ(send(call).status, 403);
  call.fields = {{"X-API-Key", "key-one"}};
  call.method = "PUT";
  EXPECT_EQ(send(call).field("Allow"), "GET, POST");
  call.method = "GET";
  call.target = "/api/info";
  EXPECT_EQ(send(call).status, 405);
  EXPECT_TRUE(broker.commands.empty());
}

TEST_F(ApiRouteTest, DataIsAPayloadWhateverIsInIt) {
  const auto deep = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  for (const std::string& data : {std::string(R"({"a":1,"a":{"b":1,"b":2}})"), deep(64)}) {
    broker.published.clear();
    EXPECT_TRUE(ask("publish", R"({"channel":"a","data":)" + data + "}").has("result")) << data;
    ask("batch", R"({"commands":[{"publish":{"channel":"a","data":)" + data + "}}]}");
    ASSERT_EQ(broker.published.size(), 2u) << data;
    EXPECT_EQ(broker.published[0].data, data);
    EXPECT_EQ(broker.published[1].data, data);
  }
  EXPECT_FALSE(ask("publish", R"({"channel":"a","data":)" + deep(65) + "}").has("result"));
}

TEST_F(ApiRouteTest, PublicationNotAcceptedNeverYieldsAResult) {
  for (const auto error :
       {hub::Error::internal, hub::Error::unknown_channel, hub::Error::limit_exceeded}) {
    broker.error = error;
    const auto reply = ask("publish", R"({"channel":"news:1","data":1})");
    EXPECT_EQ(reply.status, 200);
    EXPECT_FALSE(reply.has("result")) << reply.body;
    EXPECT_TRUE(reply.body.starts_with(
        "{\"error\":{\"code\":" + std::to_string(wire::error_code(hub::protocol_error(error)))))
        << reply.body;
  }
  EXPECT_EQ(metrics.publications[metrics::PublishedBy::backend].value(), 0u);
  EXPECT_EQ(api_metrics.errors[ApiMethod::publish].value(), 3u);
}

TEST_F(ApiRouteTest, LateEngineIsWaitedFor) {
  broker.late = true;
  start(to("publish", R"({"channel":"news:1","data":1})"));
  EXPECT_FALSE(reply_);
  broker.error = hub::Error::internal;
  broker.answer_late();
  ASSERT_TRUE(reply_);
  EXPECT_EQ(reply_->body, R"({"error":{"code":100,"message":"internal server error"}})");
}

TEST_F(ApiRouteTest, TransportModeTurnsErrorsIntoStatuses) {
  broker.error = hub::Error::unknown_channel;
  const auto reply = ask_in_transport_mode("publish", R"({"channel":"x:1","data":1})");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"error":{"code":102,"message":"unknown channel"}})");
  EXPECT_EQ(ask_in_transport_mode("publish", "{").status, 400);
  broker.error = hub::Error::internal;
  EXPECT_EQ(ask_in_transport_mode("publish", R"({"channel":"x:1","data":1})").status, 500);
  broker.error.reset();
  EXPECT_EQ(ask_in_transport_mode("publish", R"({"channel":"x:1","data":1})").status, 200);
}

TEST_F(ApiRouteTest, EveryKeyOfTheFileOpensInEitherHeader) {
  EXPECT_EQ(with({{"X-API-Key", "key-one"}}).status, 200);
  EXPECT_EQ(with({{"x-api-key", "key-two"}}).status, 200);
  EXPECT_EQ(with({{"Authorization", "apikey key-two"}}).status, 200);
  EXPECT_EQ(with({{"Authorization", "APIKEY key-two"}}).status, 200);
}

TEST_F(ApiRouteTest, WrongOrMissingKeyIsUnauthorizedAndNothingIsPublished) {
  const std::vector<std::vector<std::pair<std::string, std::string>>> wrong = {
      {},
      {{"X-API-Key", ""}},
      {{"X-API-Key", "key-on"}},
      {{"X-API-Key", "key-one "}},
      {{"Authorization", "key-one"}},
      {{"Authorization", "Bearer key-one"}},
      {{"Authorization", "apikey"}},
      {{"X-API-Key", "wrong"}, {"Authorization", "apikey key-one"}}};
  for (const auto& fields : wrong) {
    const auto reply = with(fields);
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.code(), "INVALID_API_KEY");
    EXPECT_EQ(reply.field("WWW-Authenticate"), "apikey");
  }
  EXPECT_TRUE(broker.published.empty());
  EXPECT_EQ(api_metrics.keys_refused.value(), wrong.size());
  EXPECT_EQ(log.count("key-on"), 0u);
}

TEST_F(ApiRouteTest, KeyInTheUrlIsNoKey) {
  Call call = to("info?api_key=key-one");
  call.fields.clear();
  EXPECT_EQ(send(call).status, 401);
  EXPECT_TRUE(send(call).has("A key in the URL is not taken"));
  call.target = "/api/info?a=1&api_key=key-one";
  EXPECT_TRUE(send(call).has("A key in the URL is not taken"));
  call.target = "/api/info?my_api_key=key-one";
  EXPECT_FALSE(send(call).has("A key in the URL"));
}

TEST_F(ApiRouteTest, WrongKeysAreRateLimitedByAddressAndTheRightOneStillOpens) {
  auto failures = limiter(2, 1min);
  dependencies.api_failures = &failures;
  EXPECT_EQ(with({{"X-API-Key", "a"}}).status, 401);
  EXPECT_EQ(with({{"X-API-Key", "b"}}).status, 401);
  const auto reply = with({{"X-API-Key", "c"}});
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.field("Retry-After"), "30");
  EXPECT_EQ(with({{"X-API-Key", "c"}}, "192.0.2.2").status, 401);
  EXPECT_EQ(with({{"X-API-Key", "key-one"}}).status, 200);
}

TEST_F(ApiRouteTest, RequestWithAnOriginIsRefusedWithoutCorsWhateverElseItHas) {
  for (const char* method : {"POST", "OPTIONS", "GET"}) {
    for (const char* origin : {kOrigin, "null", ""}) {
      Call call = to("publish", R"({"channel":"a","data":1})");
      call.method = method;
      call.fields.emplace_back("Origin", origin);
      const auto reply = send(call);
      EXPECT_EQ(reply.status, 403) << method;
      EXPECT_EQ(reply.code(), "ORIGIN_BLOCKED");
      EXPECT_EQ(reply.fields.count("Access-Control-Allow-Origin"), 0u);
      EXPECT_EQ(reply.fields.count("Access-Control-Allow-Methods"), 0u);
    }
  }
  Call call = to("nothing");
  call.fields = {{"Origin", kOrigin}};
  EXPECT_EQ(send(call).status, 403);
  EXPECT_TRUE(broker.published.empty());
}

TEST_F(ApiRouteTest, IsServedWhereTheListenerSaysSoAndOnlyWithAKeyFile) {
  Call call = to("info");
  call.listener = edge::ListenerRole::client_and_api;
  EXPECT_EQ(send(call).status, 200);
  call.listener = edge::ListenerRole::client;
  EXPECT_EQ(send(call).status, 404);
  call.listener = edge::ListenerRole::api;
  dependencies.api_keys = nullptr;
  EXPECT_EQ(send(call).status, 404);
}

TEST_F(ApiRouteTest, ApiListenerServesNoClients) {
  EXPECT_EQ(send({.target = "/auth/token", .listener = edge::ListenerRole::api}).status, 404);
}

TEST_F(ApiRouteTest, UnknownMethodWrongVerbAndTooLargeABody) {
  EXPECT_EQ(ask("nothing").status, 404);
  EXPECT_EQ(ask("map_publish").status, 404);
  EXPECT_TRUE(ask("map_publish").has("This server has no map channels"));
  EXPECT_EQ(ask("publish/").status, 404);
  Call call = to("info");
  call.method = "GET";
  EXPECT_EQ(send(call).field("Allow"), "POST");
  call.method = "POST";
  call.body_too_large = true;
  EXPECT_EQ(send(call).status, 413);
  call.fields = {{"X-API-Key", "wrong"}};
  EXPECT_EQ(send(call).status, 401) << "the key is judged by the head";
}

TEST_F(ApiRouteTest, BodyMayBeAMebibyteOrAsLongAsTheLongestMessage) {
  EXPECT_EQ(judge(to("publish")).bytes_max, 1u << 20);
}

TEST_F(ApiRouteTest, BodyGrowsWithTheMessageLimit) {
  options.message_bytes_max = 4 << 20;
  EXPECT_GT(judge(to("publish")).bytes_max, std::size_t{4} << 20);
}

TEST_F(ApiRouteTest, DrainingNodeStillServesBackends) {
  node.draining = true;
  EXPECT_EQ(ask("publish", R"({"channel":"a","data":1})").body,
            R"({"result":{"offset":7,"epoch":"ep"}})");
}

TEST_F(ApiRouteTest, BatchAnswersEachCommandInOrder) {
  const auto reply = ask("batch", R"({"commands":[
      {"publish":{"channel":"a","data":1}},
      {"nonsense":{}},
      {"publish":{"channel":"b"}},
      {"batch":{"commands":[]}},
      {"info":{},"publish":{}},
      7,
      {"presence_stats":{"channel":"a"}}]})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.body.starts_with(R"({"replies":[{"publish":{"offset":7,"epoch":"ep"}},)"))
      << reply.body;
  EXPECT_TRUE(reply.has(
      R"({"error":{"code":104,"message":"method not found","detail":"'nonsense' is not a call of this server"}},{"error":{"code":107)"))
      << reply.body;
  EXPECT_TRUE(reply.body.ends_with(R"({"presence_stats":{"num_clients":0,"num_users":0}}]})"))
      << reply.body;
  EXPECT_EQ(broker.published.size(), 1u);
}

TEST_F(ApiRouteTest, BatchWaitsForEachAnswerUnlessParallel) {
  broker.late = true;
  const std::string commands =
      R"("commands":[{"publish":{"channel":"a","data":1}},{"publish":{"channel":"b","data":2}}]})";
  start(to("batch", "{" + commands));
  EXPECT_EQ(broker.published.size(), 1u);
  broker.answer_late();
  EXPECT_EQ(broker.published.size(), 2u);
  EXPECT_FALSE(reply_);
  broker.answer_late();
  ASSERT_TRUE(reply_);

  broker.published.clear();
  start(to("batch", "{\"parallel\":true," + commands));
  EXPECT_EQ(broker.published.size(), 2u);
  EXPECT_FALSE(reply_);
  broker.answer_late();
  ASSERT_TRUE(reply_);
  EXPECT_TRUE(reply_->body.ends_with("}}]}")) << reply_->body;
}

TEST_F(ApiRouteTest, BatchIsBoundedAndMayBeEmpty) {
  const auto of = [](std::size_t count) {
    std::string body = R"({"commands":[)";
    for (std::size_t i = 0; i < count; ++i) body += i == 0 ? R"({"info":{}})" : R"(,{"info":{}})";
    return body + "]}";
  };
  EXPECT_EQ(ask("batch", of(0)).body, R"({"replies":[]})");
  EXPECT_TRUE(ask("batch", of(kBatchCommandsMax)).body.starts_with(R"({"replies":[{"info")"));
  EXPECT_TRUE(ask("batch", of(kBatchCommandsMax + 1)).has("\"code\":107"));
  for (const char* bad : {"", "[]", "{}", R"({"commands":{}})", R"({"commands":[)"}) {
    EXPECT_TRUE(ask("batch", bad).has("\"code\":107")) << bad;
  }
}

// --- the older form ---

TEST_F(ApiRouteTest, LinesAreAnsweredLineByLine) {
  for (const char* target : {"/api", "/api/"}) {
    broker.published.clear();
    Call call = to("",
                   "{\"method\":\"publish\",\"params\":{\"channel\":\"a\",\"data\":1}}\n"
                   "{\"id\":2,\"method\":\"presence_stats\",\"params\":{\"channel\":\"a\"}}\n"
                   "{\"method\":\"rpc\",\"params\":{}}\n");
    call.target = target;
    const auto reply = send(call);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.field("Content-Type"), "application/json");
    EXPECT_TRUE(reply.body.starts_with(
        "{\"result\":{\"offset\":7,\"epoch\":\"ep\"}}\n"
        "{\"id\":2,\"result\":{\"num_clients\":0,\"num_users\":0}}\n"
        "{\"error\":{\"code\":104,\"message\":\"method not found\",\"detail\":\"'rpc'"))
        << reply.body;
    EXPECT_TRUE(reply.body.ends_with("}}")) << "no line end, which would be one reply more";
    EXPECT_EQ(broker.published.size(), 1u);
  }
}

TEST_F(ApiRouteTest, LinesThatAreMalformedAreCarriedOutInNoPart) {
  const std::string good = R"({"method":"publish","params":{"channel":"a","data":1}})";
  std::string many;
  for (std::size_t i = 0; i <= kBatchCommandsMax; ++i) many += "{\"method\":\"info\"}";
  for (const std::string& body : {std::string(), std::string(" \n"), good + "\n{", good + "x",
                                  good + "\n" + good + "}", many}) {
    const auto reply = ask("", body);
    EXPECT_EQ(reply.status, 400) << body.substr(0, 80);
    EXPECT_TRUE(reply.body.starts_with(R"({"error":{"code":107,)")) << reply.body;
  }
  EXPECT_TRUE(broker.published.empty());
  EXPECT_EQ(ask("", many.substr(many.find('}') + 1)).status, 200) << "at the bound";
}

TEST_F(ApiRouteTest, LinesNeedAKeyAndNoOrigin) {
  Call call = to("", R"({"method":"publish","params":{"channel":"a","data":1}})");
  call.target = "/api";
  EXPECT_TRUE(judge(call).wanted);
  call.method = "GET";
  EXPECT_EQ(send(call).status, 405);
  call.method = "POST";
  call.fields = {{"X-API-Key", "wrong"}};
  EXPECT_EQ(send(call).status, 401);
  EXPECT_FALSE(judge(call).wanted);
  call.fields = {{"X-API-Key", "key-one"}, {"Origin", "https://app.example"}};
  EXPECT_EQ(send(call).status, 403);
  call.fields = {{"Authorization", "apikey key-one"}};
  EXPECT_EQ(send(call).status, 200);
  EXPECT_EQ(broker.published.size(), 1u);
}

TEST_F(ApiRouteTest, ABatchIsDoneInSlicesAndAnsweredInItsOrder) {
  std::string commands;
  for (int i = 0; i < 250; ++i) {
    commands += (i > 0 ? "," : "");
    commands += R"({"publish":{"channel":"c)" + std::to_string(i) + R"(","data":1}})";
  }
  for (const char* parallel : {"true", "false"}) {
    broker.published.clear();
    start(to("batch",
             std::string(R"({"parallel":)") + parallel + R"(,"commands":[)" + commands + "]}"));
    EXPECT_EQ(broker.published.size(), kBatchCommandsPerTurn);
    EXPECT_FALSE(reply_);
    EXPECT_EQ(run_turns(), 2u);
    ASSERT_TRUE(reply_);
    ASSERT_EQ(broker.published.size(), 250u);
    EXPECT_EQ(broker.published[249].channel, "c249");
  }
}

TEST_F(ApiRouteTest, AnswersDoNotBeginMoreOfABatchThanATurnDoes) {
  broker.late = true;
  std::string commands;
  for (int i = 0; i < 250; ++i) {
    commands += (i > 0 ? "," : "");
    commands += R"({"publish":{"channel":"a","data":1}})";
  }
  start(to("batch", R"({"parallel":true,"commands":[)" + commands + "]}"));
  EXPECT_EQ(broker.published.size(), kBatchCommandsPerTurn);
  broker.answer_late();
  EXPECT_EQ(broker.published.size(), kBatchCommandsPerTurn);
  EXPECT_EQ(run_turns(1), 1u);
  EXPECT_EQ(broker.published.size(), 2 * kBatchCommandsPerTurn);
  run_turns();
  broker.answer_late();
  ASSERT_TRUE(reply_);
}

TEST_F(ApiRouteTest, ABatchThatBreaksIsAnswered) {
  broker.breaks_at = "broken";
  std::string commands;
  for (int i = 0; i < 150; ++i) commands += R"({"publish":{"channel":"a","data":1}},)";
  start(to("batch",
           R"({"commands":[)" + commands + R"({"publish":{"channel":"broken","data":1}}]})"));
  EXPECT_THROW(run_turns(), BrokenInvariant);
  ASSERT_TRUE(reply_);
  EXPECT_EQ(reply_->body, R"({"error":{"code":100,"message":"internal server error"}})");
}

TEST_F(ApiRouteTest, WhatABatchDoesNotTakeIsRefusedByItsName) {
  const auto reply = ask("batch", R"({"commands":[],"atomic":true})");
  EXPECT_TRUE(reply.has("\"code\":107")) << reply.body;
  EXPECT_TRUE(reply.has("'atomic'")) << reply.body;
  EXPECT_TRUE(ask("batch", R"({"commands":[],"parallel":"yes"})").has("'parallel'"));
  EXPECT_TRUE(ask("batch", R"({"commands":[{"publish":{"channel":"a","data":1,"delta":true}}]})")
                  .has("'delta'"));
}

TEST_F(ApiRouteTest, PayloadArrivesByteForByteAndOnOneLine) {
  ask("publish",
      "{\"channel\":\"a\",\"data\":{\"n\":12345678901234567890123,\r\n \"x\":1.0, "
      "\"u\":\"\\u00e9\\n\"}}");
  ASSERT_EQ(broker.published.size(), 1u);
  EXPECT_EQ(broker.published[0].data,
            "{\"n\":12345678901234567890123,   \"x\":1.0, \"u\":\"\\u00e9\\n\"}");
}

TEST_F(ApiRouteTest, MalformedPayloadsAreBadRequests) {
  std::string deep;
  for (int i = 0; i < 70; ++i) deep += "[";
  for (int i = 0; i < 70; ++i) deep += "]";
  for (const std::string& data :
       {std::string(R"({"x":tru, 1 2})"), std::string("[1,,2]"), std::string("01"),
        std::string("{\"a\":1,}"), std::string("'x'"), std::string("\"\\ud800\""),
        std::string("\"\xff\""), std::string("nul"), std::string("1 2"), deep}) {
    const auto reply = ask("publish", "{\"channel\":\"a\",\"data\":" + data + "}");
    EXPECT_TRUE(reply.body.starts_with(R"({"error":{"code":107,"message":"bad request")")) << data;
  }
  EXPECT_TRUE(ask("publish", R"({"channel":"a","data":1,"data":2})").has("\"code\":107"));
  EXPECT_TRUE(broker.published.empty());
}

}  // namespace
}  // namespace usher::api
