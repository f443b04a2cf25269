#include "hooks/hook_answer.h"

#include <gtest/gtest.h>

namespace usher::hooks {
namespace {

using Kind = session::HookEvent::Kind;
using session::HookError;

class HookAnswerTest : public testing::Test {
 protected:
  // "data: …", "error: code message temporary", or the fault.
  std::string read(Kind kind, std::string_view body, int status = 200) {
    const auto answer = read_hook_answer(kind, status, body, 16, json);
    if (!answer) return std::string(reason_of(answer.error()).substr(0, 8));
    if (const auto* error = std::get_if<HookError>(&*answer)) {
      return "error: " + std::to_string(error->code) + " " + error->message +
             (error->temporary ? " temporary" : "");
    }
    return "data: " + std::get<std::string>(*answer);
  }

  static constexpr const char* kMalformed = "the body";
  static constexpr const char* kTooLarge = "the answ";
  static constexpr const char* kStatus = "the stat";
  wire::JsonReader json;
};

TEST_F(HookAnswerTest, AnRpcHasAResult) {
  EXPECT_EQ(read(Kind::rpc, R"({"data":[1, 2.0]})"), "data: [1, 2.0]");
  EXPECT_EQ(read(Kind::rpc, R"({"data":null})"), "data: null");
  EXPECT_EQ(read(Kind::rpc, R"({"data":1,"error":null,"more":{}})"), "data: 1");
  EXPECT_EQ(read(Kind::rpc, "{\"data\":[1,\n2]}"), "data: [1, 2]");
}

TEST_F(HookAnswerTest, APublicationIsPermittedOrReplaced) {
  EXPECT_EQ(read(Kind::publish, "{}"), "data: ");
  EXPECT_EQ(read(Kind::publish, R"({"error":null})"), "data: ");
  EXPECT_EQ(read(Kind::publish, R"({"data":7})"), "data: 7");
  // A backend that answers something else has not looked at what it was asked.
  EXPECT_EQ(read(Kind::publish, R"({"ok":true})"), kMalformed);
}

TEST_F(HookAnswerTest, ARefusalHasACodeAndMayBeTemporary) {
  EXPECT_EQ(read(Kind::rpc, R"({"error":{"code":1000,"message":"no"}})"), "error: 1000 no");
  EXPECT_EQ(read(Kind::publish, R"({"error":{"code":4294967295},"data":null})"),
            "error: 4294967295 ");
  EXPECT_EQ(read(Kind::rpc, R"({"error":{"code":1,"message":"","temporary":true}})"),
            "error: 1  temporary");
  EXPECT_EQ(
      read(Kind::rpc, R"({"error":{"code":1,"message":")" + std::string(1024, 'm') + R"("}})"),
      "error: 1 " + std::string(1024, 'm'));
}

TEST_F(HookAnswerTest, AnythingElseIsNoAnswer) {
  for (const char* body :
       {"", "null", "[]", "7", "{", "{}", R"({"data":tru})", R"({"data":1}{})", R"({"result":1})",
        R"({"data":1,"data":2})", R"({"data":1,"error":{"code":1}})", R"({"error":"no"})",
        R"({"error":{}})", R"({"error":{"code":0}})", R"({"error":{"code":-1}})",
        R"({"error":{"code":4294967296}})", R"({"error":{"code":"1"}})",
        R"({"error":{"code":1,"message":2}})", R"({"error":{"code":1,"temporary":1}})"}) {
    EXPECT_EQ(read(Kind::rpc, body), kMalformed) << body;
  }
  EXPECT_EQ(read(Kind::rpc, R"({"data":1})", 201), kStatus);
  EXPECT_EQ(read(Kind::rpc, R"({"data":1})", 500), kStatus);
}

TEST_F(HookAnswerTest, AnAnswerIsAsLargeAsAMessageAtMost) {
  EXPECT_EQ(read(Kind::rpc, R"({"data":"12345678901234"})"), "data: \"12345678901234\"");
  EXPECT_EQ(read(Kind::rpc, R"({"data":"123456789012345"})"), kTooLarge);
  EXPECT_EQ(
      read(Kind::rpc, R"({"error":{"code":1,"message":")" + std::string(1025, 'm') + R"("}})"),
      kTooLarge);
}

TEST_F(HookAnswerTest, ANotificationIsTakenTriedAgainOrGivenUp) {
  for (const int status : {200, 204, 299}) EXPECT_EQ(judge_delivery(status), Delivered::yes);
  for (const int status : {408, 425, 429, 500, 503}) {
    EXPECT_EQ(judge_delivery(status), Delivered::not_yet) << status;
  }
  for (const int status : {301, 400, 401, 404, 413}) {
    EXPECT_EQ(judge_delivery(status), Delivered::never) << status;
  }
  EXPECT_EQ(judge_delivery(std::nullopt), Delivered::not_yet);
}

TEST_F(HookAnswerTest, OurOwnRefusalsMayBeTriedAgain) {
  EXPECT_EQ(temporary_failure().code, 100u);
  EXPECT_TRUE(temporary_failure().temporary);
  EXPECT_EQ(no_room().code, 111u);
  EXPECT_TRUE(no_room().temporary);
}

}  // namespace
}  // namespace usher::hooks
