#include "client_net/frame_text.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace usher::client_net {
namespace {

namespace json = boost::json;

json::value one(std::string_view text) {
  const auto values = FrameText().read(text);
  EXPECT_EQ(values.size(), 1u);
  return values.empty() ? json::value() : values.front();
}

TEST(FrameTextTest, APayloadStaysWhatItsPublisherWrote) {
  const auto frame = one(
      R"({"push":{"channel":"a","pub":{"data":{"n":12345678901234567890123, "x":1.0,"data":[]},"offset":3}}})");
  const json::object& pub = frame.at("push").at("pub").get_object();
  EXPECT_EQ(raw_data(pub.at("data")), R"({"n":12345678901234567890123, "x":1.0,"data":[]})");
  EXPECT_EQ(pub.at("offset"), 3u);
}

TEST(FrameTextTest, SoDoThoseThatWereMissed) {
  const auto frame =
      one(R"({"push":{"connect":{"subs":{"a":{"publications":[{"data":1.0},{"data":"x"}]}}}}})");
  const auto& missed =
      frame.at("push").at("connect").at("subs").at("a").at("publications").get_array();
  EXPECT_EQ(raw_data(missed.at(0).at("data")), "1.0");
  EXPECT_EQ(raw_data(missed.at(1).at("data")), "\"x\"");
}

TEST(FrameTextTest, AChannelMayBeCalledData) {
  const auto frame =
      one(R"({"push":{"connect":{"subs":{"data":{"epoch":"e","publications":[{"data":1.0}]}}}}})");
  const auto& result = frame.at("push").at("connect").at("subs").at("data").get_object();
  EXPECT_EQ(result.at("epoch"), "e");
  EXPECT_EQ(raw_data(result.at("publications").at(0).at("data")), "1.0");
}

TEST(FrameTextTest, AFrameHoldsSeveralValues) {
  const auto values = FrameText().read("{}\n\r\n {\"id\":1}\n");
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(json::serialize(values[0]), "{}");
  EXPECT_EQ(json::serialize(values[1]), R"({"id":1})");
  EXPECT_TRUE(FrameText().read("").empty());
}

TEST(FrameTextTest, WhatIsMalformedIsNullAndDoesNotSpoilItsNeighbours) {
  const auto values = FrameText().read("{\"x\":tru}\n{\"id\":1}\n{");
  ASSERT_EQ(values.size(), 3u);
  EXPECT_TRUE(values[0].is_null());
  EXPECT_FALSE(values[1].is_null());
  EXPECT_TRUE(values[2].is_null());
}

TEST(FrameTextTest, ScalarsKeepTheirTypes) {
  EXPECT_EQ(json::serialize(one(R"({"a":-1,"b":1.5,"c":true,"d":null,"e":"\u00e9","f":[1,{}]})")),
            "{\"a\":-1,\"b\":1.5E0,\"c\":true,\"d\":null,\"e\":\"\xC3\xA9\",\"f\":[1,{}]}");
}

TEST(FrameTextTest, ACommandCarriesItsPayloadAsItIs) {
  EXPECT_EQ(command_text({{"id", 1}, {"publish", {{"channel", "a\"b"}, {"data", "{\"x\": 1.0}"}}}}),
            R"({"id":1,"publish":{"channel":"a\"b","data":{"x": 1.0}}})");
  EXPECT_EQ(command_text({}), "{}");
  EXPECT_EQ(command_text({{"id", 2}, {"subscribe", {{"channel", "data"}}}}),
            R"({"id":2,"subscribe":{"channel":"data"}})");
}

TEST(FrameTextTest, APublicationWithoutDataIsNull) { EXPECT_EQ(raw_data(json::value()), "null"); }

}  // namespace
}  // namespace usher::client_net
