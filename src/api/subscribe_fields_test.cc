#include "api/subscribe_fields.h"

#include <gtest/gtest.h>

namespace usher::api {
namespace {

class SubscribeFieldsTest : public testing::Test {
 protected:
  http::JsonFields of(std::string_view text) {
    const auto root = json.parse(text, {.open_levels = kApiCallLevels, .closed_member = "data"});
    EXPECT_TRUE(root) << text;
    return {root ? *root : wire::JsonNode(), kApiTextBytesMax};
  }
  std::optional<hub::SubscriptionGrant> grant(std::string_view text) {
    auto fields = of(text);
    auto read = read_grant(fields, limits);
    EXPECT_EQ(fields.fault(), "") << text;
    return read;
  }
  std::string grant_fault(std::string_view text) {
    auto fields = of(text);
    read_grant(fields, limits);
    return std::string(fields.fault());
  }
  std::string override_fault(std::string_view text, const hub::NamespaceOptions* options) {
    auto fields = of(R"({"override":)" + std::string(text) + "}");
    check_override(fields, options);
    return std::string(fields.fault());
  }

  wire::JsonReader json;
  ApiLimits limits{.message_bytes_max = 10, .info_bytes_max = 8};
};

TEST_F(SubscribeFieldsTest, WhatSaysNothingNeedsNoGrant) {
  for (const auto* text :
       {"{}", R"({"info":null,"data":null,"expire_at":0,"b64info":"","b64data":""})"}) {
    EXPECT_FALSE(grant(text)) << text;
  }
}

TEST_F(SubscribeFieldsTest, AGrantHasInfoDataAndItsEnd) {
  const hub::SubscriptionGrant expected{.info = R"({"a":1})", .data = "[1]", .expire_at = 99};
  EXPECT_EQ(grant(R"({"info":{"a":1},"data":[1],"expire_at":99})"), expected);
  EXPECT_EQ(grant(R"({"b64info":"eyJhIjoxfQ==","b64data":"WzFd","expire_at":99})"), expected);
  EXPECT_EQ(grant(R"({"expire_at":-1})")->expire_at, -1) << "refused later: it is past";
}

TEST_F(SubscribeFieldsTest, AGrantIsLimitedAtItsBounds) {
  EXPECT_EQ(grant_fault(R"({"info":"123456"})"), "");
  EXPECT_EQ(grant_fault(R"({"info":"1234567"})"), "'info' is larger than limits.info_bytes");
  EXPECT_EQ(grant_fault(R"({"data":"12345678"})"), "");
  EXPECT_EQ(grant_fault(R"({"data":"123456789"})"), "'data' is larger than limits.message_bytes");
  EXPECT_EQ(grant_fault(R"({"b64info":"AQ=="})"), "'b64info' holds no JSON: all messages are JSON");
  EXPECT_EQ(grant_fault(R"({"expire_at":"soon"})"), "'expire_at' must be a whole number");
}

TEST_F(SubscribeFieldsTest, AnOverrideThatAgreesWithTheNamespaceIsTaken) {
  const hub::NamespaceOptions options{.recovery = true, .presence = true};
  EXPECT_EQ(override_fault("{}", &options), "");
  EXPECT_EQ(override_fault("null", &options), "");
  EXPECT_EQ(
      override_fault(R"({"presence":{"value":true},"join_leave":{},"force_recovery":{"value":true},
                               "force_positioning":{"value":true},"force_push_join_leave":{"value":false}})",
                     &options),
      "");
}

TEST_F(SubscribeFieldsTest, AnyOtherOverrideIsRefusedByItsPath) {
  const hub::NamespaceOptions options{.presence = true};
  for (const auto* name :
       {"join_leave", "force_push_join_leave", "force_recovery", "force_positioning"}) {
    EXPECT_EQ(
        override_fault("{\"" + std::string(name) + R"(":{"value":true}})", &options),
        "'override." + std::string(name) +
            "' is not carried out: a subscription has the options of its namespace, which has it off");
  }
  EXPECT_TRUE(override_fault(R"({"presence":{"value":false}})", &options).ends_with("has it on"));
  EXPECT_TRUE(
      override_fault(R"({"presence":{"value":true}})", nullptr).starts_with("'override.presence'"));
  EXPECT_TRUE(
      override_fault(R"({"recover":{"value":true}})", &options).starts_with("'override.recover'"));
  EXPECT_EQ(override_fault(R"({"presence":true})", &options), "'presence' must be an object");
  EXPECT_EQ(override_fault("7", &options), "'override' must be an object");
}

}  // namespace
}  // namespace usher::api
