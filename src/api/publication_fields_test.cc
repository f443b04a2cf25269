#include "api/publication_fields.h"

#include <gtest/gtest.h>

namespace usher::api {
namespace {

class PublicationFieldsTest : public testing::Test {
 protected:
  // What was read, and the first fault.
  std::pair<hub::PublishRequest, std::string> read(std::string_view text) {
    const auto root = json.parse(text, {.open_levels = kApiCallLevels, .closed_member = "data"});
    EXPECT_TRUE(root) << text;
    http::JsonFields fields(root ? *root : wire::JsonNode(), kApiTextBytesMax);
    auto publication = read_publication(fields, limits);
    fields.refuse_unread();
    return {std::move(publication), std::string(fields.fault())};
  }
  std::string fault(std::string_view text) { return read(text).second; }

  wire::JsonReader json;
  ApiLimits limits;
};

TEST_F(PublicationFieldsTest, AVersionAndItsEpochAreRead) {
  const auto [publication, fault] =
      read(R"({"data":1,"version":18446744073709551615,"version_epoch":"e"})");
  EXPECT_EQ(fault, "");
  EXPECT_EQ(publication.version, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(publication.version_epoch, "e");
}

TEST_F(PublicationFieldsTest, AVersionIsAWholeNumberInRange) {
  for (const auto* wrong :
       {"-1", "1.0", "1e3", "18446744073709551616", "\"7\"", "true", "[]", "{}"}) {
    EXPECT_EQ(fault(R"({"data":1,"version":)" + std::string(wrong) + "}"),
              "'version' must be a whole number from zero on");
  }
}

TEST_F(PublicationFieldsTest, WhatAVersionNeedsIsSaid) {
  EXPECT_EQ(fault(R"({"data":1,"version_epoch":"e"})"),
            "'version_epoch' means nothing without 'version'");
  EXPECT_EQ(fault(R"({"data":1,"version":1,"skip_history":true})"),
            "'version' needs the history, which 'skip_history' leaves out");
  const std::string longest(256, 'e');
  EXPECT_EQ(fault(R"({"data":1,"version":1,"version_epoch":")" + longest + "\"}"), "");
  EXPECT_EQ(fault(R"({"data":1,"version":1,"version_epoch":"e)" + longest + "\"}"),
            "'version_epoch' is longer than 256 bytes");
}

TEST_F(PublicationFieldsTest, DeltaIsRefusedUnlessItIsFalse) {
  EXPECT_EQ(fault(R"({"data":1,"delta":false})"), "");
  EXPECT_EQ(fault(R"({"data":1,"delta":true})"),
            "'delta' is not carried out: messages are sent whole");
  EXPECT_FALSE(fault(R"({"data":1,"delta":"fossil"})").empty());
}

TEST_F(PublicationFieldsTest, DataMayComeInBase64) {
  for (const auto& [encoded, data] : {std::pair{"MQ==", "1"},
                                      {"eyJhIjoiw6QifQ==", R"({"a":"ä"})"},
                                      {"IFsxLAogMl0g", "[1,  2]"},
                                      {"bnVsbA==", "null"}}) {
    const std::string member = R"("b64data":")" + std::string(encoded) + "\"";
    for (const std::string& text :
         {"{" + member + "}", R"({"data":{},)" + member + "}", R"({"data":null,)" + member + "}"}) {
      const auto [publication, fault] = read(text);
      EXPECT_EQ(fault, "");
      EXPECT_EQ(publication.data, data) << text;
    }
  }
  EXPECT_EQ(read(R"({"data":{},"b64data":""})").first.data, "{}");
}

TEST_F(PublicationFieldsTest, WhatIsNotJsonInBase64IsRefused) {
  for (const auto* encoded : {"AQ==", "eyJh", "/w==", "MSAy", "IA=="}) {
    EXPECT_EQ(fault(R"({"b64data":")" + std::string(encoded) + "\"}"),
              "'b64data' holds no JSON: all messages are JSON");
  }
  for (const auto* wrong :
       {"\"MQ\"", "\"M Q=\"", "\"MQ==\\n\"", "\"_w==\"", "7", "0", "{\"a\":1}", "[1]"}) {
    EXPECT_EQ(fault(R"({"b64data":)" + std::string(wrong) + "}"),
              "'b64data' must be a string of base64, with its padding")
        << wrong;
  }
  EXPECT_EQ(fault(R"({"data":1,"b64data":"MQ=="})"),
            "'b64data' and the same without 'b64' can't both be given");
}

}  // namespace
}  // namespace usher::api
