#include "http/json_fields.h"

#include <gtest/gtest.h>

namespace usher::http {
namespace {

using namespace std::chrono_literals;

class JsonFieldsTest : public testing::Test {
 protected:
  JsonFields of(std::string_view text) {
    const auto root = json.parse(text, {.open_levels = 2});
    EXPECT_TRUE(root) << text;
    return {root ? *root : wire::JsonNode(), 4};
  }
  wire::JsonReader json;
};

TEST_F(JsonFieldsTest, AbsentAndNullAreTheSameAndNoFault) {
  for (const char* text : {"{}", R"({"a":null})"}) {
    JsonFields fields = of(text);
    EXPECT_EQ(fields.text("a"), "");
    EXPECT_FALSE(fields.flag("a"));
    EXPECT_EQ(fields.integer("a"), std::nullopt);
    EXPECT_EQ(fields.unsigned_integer("a"), std::nullopt);
    EXPECT_TRUE(fields.texts("a", 1).empty());
    EXPECT_EQ(fields.ttl("a"), std::nullopt);
    EXPECT_EQ(fields.raw_object_of_texts("a", 10), "");
    EXPECT_FALSE(fields.object("a"));
    EXPECT_EQ(fields.fault(), "");
    EXPECT_EQ(fields.required_text("a"), "");
    EXPECT_NE(fields.fault(), "");
  }
}

TEST_F(JsonFieldsTest, AMemberThatIsNotCarriedOutIsRefusedWithItsReason) {
  JsonFields fields = of(R"({"a":true,"b":{}})");
  fields.refuse("b", "is not done");
  fields.refuse("c", "is not done");
  EXPECT_EQ(fields.fault(), "");
  fields.refuse("a", "is not done");
  EXPECT_EQ(fields.fault(), "'a' is not done");
  EXPECT_TRUE(fields.is_silent("b") && fields.is_silent("c"));
  EXPECT_FALSE(fields.is_silent("a"));
}

TEST_F(JsonFieldsTest, NullIsAPayloadLikeOthers) {
  EXPECT_EQ(of(R"({"a":null})").raw("a", 10), "null");
  EXPECT_EQ(of("{}").raw("a", 10), "");
}

TEST_F(JsonFieldsTest, ALongNameIsShownInPartAndNoCharacterIsCut) {
  const std::string start(63, 'n');
  JsonFields fields = of("{\"" + start + "\u00e9x\":1}");
  fields.refuse_unread();
  EXPECT_TRUE(fields.fault().starts_with("'" + start + "' is not taken here")) << fields.fault();
}

TEST_F(JsonFieldsTest, WrongTypesAreFaults) {
  const auto fault_of = [this](auto read) {
    JsonFields fields = of(R"({"a":{"x":[1]}})");
    read(fields);
    return std::string(fields.fault());
  };
  EXPECT_NE(fault_of([](auto& f) { f.text("a"); }), "");
  EXPECT_NE(fault_of([](auto& f) { f.flag("a"); }), "");
  EXPECT_NE(fault_of([](auto& f) { f.integer("a"); }), "");
  EXPECT_NE(fault_of([](auto& f) { f.unsigned_integer("a"); }), "");
  EXPECT_NE(fault_of([](auto& f) { f.texts("a", 1); }), "");
  EXPECT_NE(fault_of([](auto& f) { f.ttl("a"); }), "");
  EXPECT_NE(fault_of([](auto& f) { f.raw_object_of_texts("a", 99); }), "");
  EXPECT_EQ(fault_of([](auto& f) { f.object("a"); }), "");
}

TEST_F(JsonFieldsTest, FaultNamesTheMember) {
  const auto fault_of = [this](std::string_view text, auto read) {
    JsonFields fields = of(text);
    read(fields);
    return std::string(fields.fault());
  };
  constexpr std::string_view kObject = R"({"a":{"x":[1]}})";
  EXPECT_EQ(fault_of(kObject, [](auto& f) { f.text("a"); }), "'a' must be a string");
  EXPECT_EQ(fault_of(kObject, [](auto& f) { f.required_text("b"); }), "'b' is missing or empty");
  EXPECT_EQ(fault_of(kObject, [](auto& f) { f.flag("a"); }), "'a' must be true or false");
  EXPECT_EQ(fault_of(kObject, [](auto& f) { f.raw("a", 3); }), "'a' is larger than 3 bytes");
  EXPECT_EQ(fault_of(R"({"a":"12345"})", [](auto& f) { f.text("a"); }),
            "'a' is longer than 4 bytes");
  EXPECT_EQ(fault_of(R"({"a":["1","2"]})", [](auto& f) { f.texts("a", 1); }),
            "'a' has more than 1 elements");
}

TEST_F(JsonFieldsTest, FirstFaultIsRemembered) {
  JsonFields fields = of(R"({"a":1})");
  fields.set_fault("");
  EXPECT_EQ(fields.fault(), "");
  fields.set_fault("first");
  fields.text("a");
  EXPECT_EQ(fields.fault(), "first");
}

TEST_F(JsonFieldsTest, BoundsHoldExactly) {
  EXPECT_EQ(of(R"({"a":"1234"})").text("a"), "1234");
  EXPECT_EQ(of(R"({"a":"12345"})").text("a"), "");
  EXPECT_EQ(of(R"({"a":["1","2"]})").texts("a", 2).size(), 2u);
  EXPECT_TRUE(of(R"({"a":["1","2"]})").texts("a", 1).empty());
  EXPECT_EQ(of(R"({"a":[12]})").raw("a", 4), "[12]");
  EXPECT_EQ(of(R"({"a":[12]})").raw("a", 3), "");
}

TEST_F(JsonFieldsTest, TtlIsSecondsOrTextAboveZero) {
  EXPECT_EQ(of(R"({"a":90})").ttl("a"), 90s);
  EXPECT_EQ(of(R"({"a":"24h"})").ttl("a"), 24h);
  EXPECT_EQ(of(R"({"a":"500ms"})").ttl("a"), 500ms);
  for (const char* bad : {R"({"a":0})", R"({"a":-1})", R"({"a":1.5})", R"({"a":"0s"})",
                          R"({"a":"x"})", R"({"a":9223372036854775807})", R"({"a":true})"}) {
    JsonFields fields = of(bad);
    EXPECT_EQ(fields.ttl("a"), std::nullopt) << bad;
    EXPECT_NE(fields.fault(), "") << bad;
  }
}

TEST_F(JsonFieldsTest, WhatIsNoObjectIsAFaultFromTheStart) {
  EXPECT_NE(of("[]").fault(), "");
  EXPECT_NE(of("1").fault(), "");
}

}  // namespace
}  // namespace usher::http
