#include "http/answer.h"

#include <gtest/gtest.h>

#include <map>

#include "support/recording_log.h"

namespace usher::http {
namespace {

class AnswerTest : public testing::Test {
 protected:
  Answer make(Cors cors = Cors::none) {
    request.fields = {{"Origin", origin}};
    return {edge::RequestContext{.request = request, .peer_address = "192.0.2.1"},
            {"token", answers_of_route},
            cors,
            "t1",
            {refusals},
            [this](wire::HttpResponse response) {
              ++answers;
              status = response.status;
              close = response.close;
              fields = {response.fields.begin(), response.fields.end()};
            }};
  }

  test::RecordingLog log;
  metrics::ShardMetrics metrics;
  metrics::HttpCounts answers_of_route;
  RefusalLog refusals{log, metrics};
  std::string origin = "https://app.example";
  wire::HttpRequest request;
  int answers = 0;
  int status = 0;
  bool close = false;
  std::map<std::string, std::string> fields;
};

TEST_F(AnswerTest, JsonCarriesTypeTraceIdAndIsNotStored) {
  make().json("{}");
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(fields, (std::map<std::string, std::string>{{"Content-Type", "application/json"},
                                                        {"Cache-Control", "no-store"},
                                                        {"X-Request-ID", "t1"}}));
}

TEST_F(AnswerTest, CorsIsAddedWhereTheRouteHasIt) {
  make(Cors::echo_origin).json("{}");
  EXPECT_EQ(fields["Access-Control-Allow-Origin"], origin);
}

TEST_F(AnswerTest, TheCodeStandsInAFieldWhereItIsAskedFor) {
  make().refuse({Problem::draining});
  EXPECT_FALSE(fields.contains("X-Usher-Code"));
  Answer answer = make();
  answer.tell_code();
  answer.refuse({Problem::draining});
  EXPECT_EQ(fields["X-Usher-Code"], "DRAINING");
  Answer other = make();
  other.tell_code();
  other.refuse_method("GET");
  EXPECT_EQ(fields["X-Usher-Code"], "METHOD_NOT_ALLOWED");
}

TEST_F(AnswerTest, ARefusalThatHasBeenLoggedHasNoSecondLine) {
  make().refuse_logged({Problem::origin_blocked, "Not you."});
  EXPECT_EQ(status, 403);
  EXPECT_TRUE(log.lines.empty());
}

TEST_F(AnswerTest, OutlivesTheRequest) {
  std::string given = "https://app.example";
  origin = given;
  Answer answer = make(Cors::echo_origin);
  origin = "overwritten, as a read buffer is";
  answer.json("{}");
  EXPECT_EQ(fields["Access-Control-Allow-Origin"], given);
  EXPECT_EQ(answer.origin(), given);
}

TEST_F(AnswerTest, RefusalIsLoggedCountedAndSentOnceWithoutFieldsTwice) {
  make().refuse({Problem::draining});
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(status, 503);
  EXPECT_EQ(log.lines.size(), 1u);
  EXPECT_EQ(answers_of_route.value(503), 1u);
  EXPECT_EQ(fields["Content-Type"], "application/problem+json");
}

TEST_F(AnswerTest, WrongMethodNamesTheRightOnes) {
  make().refuse_method("GET, HEAD");
  EXPECT_EQ(status, 405);
  EXPECT_EQ(fields["Allow"], "GET, HEAD");
}

TEST_F(AnswerTest, SecondAnswerIsOurOwnMistake) {
  Answer answer = make();
  answer.json("{}");
  EXPECT_DEATH(answer.json("{}"), "internal error");
}

}  // namespace
}  // namespace usher::http
