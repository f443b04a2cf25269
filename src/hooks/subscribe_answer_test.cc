#include "hooks/subscribe_answer.h"

#include <gtest/gtest.h>

namespace usher::hooks {
namespace {

using hub::SubscriptionGrant;
using session::HookError;

class SubscribeAnswerTest : public testing::Test {
 protected:
  Result<session::HookAnswer, HookFault> read(std::string_view body, int status = 200) {
    return read_subscribe_answer(status, body, {.data_bytes_max = 16, .info_bytes_max = 8}, json);
  }
  session::SubscribeAnswer decided(std::string_view body) {
    auto answer = read(body);
    EXPECT_TRUE(answer) << body;
    return answer ? std::get<session::SubscribeAnswer>(*answer) : session::SubscribeAnswer();
  }
  SubscriptionGrant granted(const std::string& entry) {
    const auto all = decided(R"({"channels":{"a:1":)" + entry + "}}");
    EXPECT_EQ(all.size(), 1u);
    return std::get<SubscriptionGrant>(all.at(0).verdict);
  }

  wire::JsonReader json;
};

TEST_F(SubscribeAnswerTest, EachChannelIsGrantedOrRefused) {
  const auto all = decided(
      R"({"channels":{"a:1":{"info":{"n":1},"data":[1, 2],"expire_at":1800000060,"publish":true},)"
      R"("a:2":{"error":{"code":4711,"message":"no seat","temporary":true}},"a:3":{}}})");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].channel, "a:1");
  EXPECT_EQ(std::get<SubscriptionGrant>(all[0].verdict),
            (SubscriptionGrant{.by = SubscriptionGrant::By::hook,
                               .info = R"({"n":1})",
                               .data = "[1, 2]",
                               .expire_at = 1800000060,
                               .publish = true}));
  const auto& error = std::get<HookError>(all[1].verdict);
  EXPECT_EQ(error.code, 4711u);
  EXPECT_EQ(error.message, "no seat");
  EXPECT_TRUE(error.temporary);
  EXPECT_EQ(std::get<SubscriptionGrant>(all[2].verdict),
            SubscriptionGrant{.by = SubscriptionGrant::By::hook});
}

TEST_F(SubscribeAnswerTest, WhatATypedBackendWritesForNothingIsNothing) {
  EXPECT_EQ(granted(R"({"info":null,"data":null,"expire_at":null,"publish":null,"error":null})"),
            SubscriptionGrant{.by = SubscriptionGrant::By::hook});
  EXPECT_EQ(granted(R"({"expire_at":0})").expire_at, std::nullopt);
  EXPECT_TRUE(decided(R"({"channels":{},"error":null})").empty());
}

TEST_F(SubscribeAnswerTest, TextBecomesOneLine) {
  EXPECT_EQ(granted("{\"data\":[1,\n2],\"info\":[\r\n1]}").data, "[1, 2]");
}

TEST_F(SubscribeAnswerTest, OneErrorRefusesAll) {
  const auto answer = read(R"({"error":{"code":1000,"message":"closed"}})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(std::get<HookError>(*answer).code, 1000u);
}

TEST_F(SubscribeAnswerTest, AnythingElseDecidesAboutNothing) {
  for (const char* const body : {"",
                                 "null",
                                 "[]",
                                 "7",
                                 "{",
                                 "{}",
                                 R"({"channels":null})",
                                 R"({"channels":[]})",
                                 R"({"channels":{"a:1":true}})",
                                 R"({"channels":{"a:1":null}})",
                                 R"({"channels":{"a:1":{"publish":1}}})",
                                 R"({"channels":{"a:1":{"expire_at":"9"}}})",
                                 R"({"channels":{"a:1":{"expire_at":-1}}})",
                                 R"({"channels":{"a:1":{"expire_at":1.5}}})",
                                 R"({"channels":{"a:1":{"override":{}}}})",
                                 R"({"channels":{"a:1":{"b64info":"e30="}}})",
                                 R"({"channels":{"a:1":{"error":"no"}}})",
                                 R"({"channels":{"a:1":{"error":{"code":0}}}})",
                                 R"({"channels":{"a:1":{}},"error":{"code":1}})",
                                 R"({"channels":{"a:1":{},"a:1":{}}})",
                                 R"({"channels":{"a:1":{"publish":false,"publish":true}}})",
                                 R"({"result":{}})",
                                 R"({"channels":{}} {})"}) {
    const auto answer = read(body);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error(), HookFault::malformed_channels) << body;
  }
  for (const int status : {201, 204, 302, 400, 403, 500}) {
    EXPECT_EQ(read(R"({"channels":{}})", status).error(), HookFault::status) << status;
  }
}

TEST_F(SubscribeAnswerTest, EachPartHasABound) {
  EXPECT_EQ(granted(R"({"info":"123456"})").info.size(), 8u);
  EXPECT_EQ(read(R"({"channels":{"a:1":{"info":"1234567"}}})").error(), HookFault::too_large);
  EXPECT_EQ(granted(R"({"data":"12345678901234"})").data.size(), 16u);
  EXPECT_EQ(read(R"({"channels":{"a:1":{"data":"123456789012345"}}})").error(),
            HookFault::too_large);
  std::string body = R"({"channels":{}})";
  body.resize(kSubscribeAnswerBytesMax, ' ');
  EXPECT_TRUE(read(body));
  EXPECT_EQ(read(body + ' ').error(), HookFault::too_large);
}

}  // namespace
}  // namespace usher::hooks
