#include "api/command_lines.h"

#include <gtest/gtest.h>

namespace usher::api {
namespace {

using Texts = std::vector<std::string_view>;

TEST(CommandLinesTest, ABodyIsSplitIntoItsJsonTexts) {
  EXPECT_EQ(split_commands("", 9), Texts{});
  EXPECT_EQ(split_commands(" \r\n\t", 9), Texts{});
  EXPECT_EQ(split_commands("{}", 9), Texts{"{}"});
  EXPECT_EQ(split_commands("{\"a\":1}\n{\"b\":2}\n", 9), (Texts{"{\"a\":1}", "{\"b\":2}"}));
  EXPECT_EQ(split_commands("{}{}[] 7 x", 9), (Texts{"{}", "{}", "[]", "7", "x"}));
  EXPECT_EQ(split_commands("{\n \"a\":\n {}\n}", 9), Texts{"{\n \"a\":\n {}\n}"}) << "many lines";
  EXPECT_EQ(split_commands(R"({"a":"}{\"]"} {})", 9), (Texts{R"({"a":"}{\"]"})", "{}"}));
}

TEST(CommandLinesTest, WhatDoesNotEndIsOneText) {
  for (const std::string_view body : {R"({"a":1)", R"({"a":"})", R"({"a":"x\)", "[[]"}) {
    EXPECT_EQ(split_commands(body, 9), Texts{body});
  }
}

TEST(CommandLinesTest, SplittingStopsAfterOneTooMany) {
  EXPECT_EQ(split_commands("{}{}{}{}{}", 2).size(), 3u);
}

class LineCommandTest : public testing::Test {
 protected:
  LineCommand read(std::string_view text) {
    auto command = read_line_command(text, limits, json);
    EXPECT_TRUE(command) << text;
    return command ? *std::move(command) : LineCommand{};
  }
  std::string detail(std::string_view text) {
    const auto command = read(text);
    return command.call ? "" : command.call.error().detail;
  }
  ApiLimits limits;
  wire::JsonReader json;
};

TEST_F(LineCommandTest, ACommandHasItsMethodParamsAndId) {
  const auto command =
      read(R"({"id":7,"method":"publish","params":{"channel":"a","data":{"x":1,"x":2}}})");
  EXPECT_EQ(command.id, 7u);
  EXPECT_EQ(command.method, ApiMethod::publish);
  ASSERT_TRUE(command.call);
  EXPECT_EQ(std::get<hub::PublishRequest>(*command.call).data, R"({"x":1,"x":2})");
}

TEST_F(LineCommandTest, ParamsMayBeMissingWhereACallNeedsNone) {
  for (const auto* text :
       {R"({"method":"info"})", R"({"method":"info","params":null})",
        R"({"method":"info","params":[]})", R"({"method":"info","params":{}})"}) {
    EXPECT_TRUE(read(text).call) << text;
  }
  EXPECT_FALSE(read(R"({"method":"publish"})").call);
}

TEST_F(LineCommandTest, WhatACommandDoesNotTakeIsRefusedByItsName) {
  EXPECT_EQ(detail(R"({"params":{}})"), "'method' is missing or empty");
  EXPECT_EQ(detail(R"({"method":0,"params":{}})"), "'method' must be a string");
  EXPECT_EQ(detail(R"({"method":"info","id":-1})"), "'id' must be a whole number from zero on");
  EXPECT_TRUE(detail(R"({"method":"info","uid":"x"})").starts_with("'uid' is not taken here"));
  EXPECT_TRUE(detail(R"({"method":"info","params":{"x":1}})").starts_with("'x' is not taken here"));
  EXPECT_EQ(detail(R"({"method":"info","params":7})"), "the body is not a JSON object");
  EXPECT_EQ(detail("[]"), "the body is not a JSON object");
  EXPECT_EQ(detail("7"), "the body is not a JSON object");
}

TEST_F(LineCommandTest, AnUnknownMethodIsNamed) {
  for (const auto* name : {"batch", "nonsense", "rpc", "stats"}) {
    const auto command = read(R"({"method":")" + std::string(name) + "\"}");
    ASSERT_FALSE(command.call);
    EXPECT_EQ(command.call.error().code, wire::ProtocolError::method_not_found);
    EXPECT_TRUE(command.call.error().detail.starts_with("'" + std::string(name) + "'"));
  }
}

TEST_F(LineCommandTest, WhatIsNoJsonIsNoCommand) {
  for (const auto* text : {"{", "x", R"({"method":"info","method":"info"})", "{}}"}) {
    EXPECT_FALSE(read_line_command(text, limits, json)) << text;
  }
}

TEST(LineReplyTest, AReplyHasTheCommandsId) {
  EXPECT_EQ(line_reply(0, ApiOutcome("{}")), R"({"result":{}})");
  EXPECT_EQ(line_reply(3, ApiOutcome("{}")), R"({"id":3,"result":{}})");
  EXPECT_EQ(line_reply(3, ApiError{wire::ProtocolError::unknown_channel}),
            R"({"id":3,"error":{"code":102,"message":"unknown channel"}})");
}

}  // namespace
}  // namespace usher::api
