#include "wire/protocol_command.h"

#include <gtest/gtest.h>

#include "support/print_result.h"

namespace usher::wire {
namespace {

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

class CommandReaderTest : public testing::Test {
 protected:
  // The only command of a frame: good until the next call.
  Command one(std::string_view frame) {
    frame_ = frame;
    reader.start(frame_);
    auto command = reader.next();
    EXPECT_TRUE(command) << frame;
    return command ? *command : Command{};
  }

  template <class T>
  T request(std::string_view frame) {
    const Command command = one(frame);
    const T* const request = std::get_if<T>(&command.request);
    EXPECT_TRUE(request) << frame;
    return request ? *request : T{};
  }

  // `id`, and what was wrong with it.
  std::pair<std::uint32_t, CommandError> refused(std::string_view frame) {
    const Command command = one(frame);
    const auto* const error = std::get_if<CommandError>(&command.request);
    EXPECT_TRUE(error) << frame;
    return {command.id, error ? *error : CommandError{0xFF}};
  }

  static std::pair<std::uint32_t, CommandError> bad_request(std::uint32_t id) {
    return {id, CommandError::bad_request};
  }

  const std::pair<std::uint32_t, CommandError> malformed{0, CommandError::malformed};
  JsonReader json;
  CommandReader reader{json, {.channels_per_connection = 2}};
  std::string frame_;
};

TEST_F(CommandReaderTest, ConnectCarriesTokenAndWishes) {
  const auto connect = request<ConnectCommand>(
      R"({"connect":{"token":"t1","data":{"a":1},"name":"js","version":"5.0","headers":{"x":"y"},)"
      R"("subs":{"orders:42":{"recover":true,"epoch":"qFhv","offset":41},"news:1":{}}},"id":1})");
  EXPECT_EQ(connect.token, "t1");
  EXPECT_EQ(connect.data, R"({"a":1})");
  EXPECT_EQ(connect.name, "js");
  EXPECT_EQ(connect.version, "5.0");
  ASSERT_EQ(connect.subs.size(), 2u);
  EXPECT_EQ(connect.subs[0].channel, "orders:42");
  EXPECT_TRUE(connect.subs[0].recover);
  EXPECT_EQ(connect.subs[0].since.epoch, "qFhv");
  EXPECT_EQ(connect.subs[0].since.offset, 41u);
  EXPECT_EQ(connect.subs[1].channel, "news:1");
  EXPECT_FALSE(connect.subs[1].recover);
}

TEST_F(CommandReaderTest, ConnectNeedsNothingAtAll) {
  const auto connect = request<ConnectCommand>(R"({"id":1,"connect":{}})");
  EXPECT_EQ(connect.token, "");
  EXPECT_TRUE(connect.subs.empty());
  EXPECT_TRUE(request<ConnectCommand>(R"({"id":1,"connect":{"subs":null}})").subs.empty());
}

TEST_F(CommandReaderTest, ConnectWithMoreWishesThanAllowedIsABadRequest) {
  EXPECT_EQ(request<ConnectCommand>(R"({"id":1,"connect":{"subs":{"a":{},"b":{}}}})").subs.size(),
            2u);
  EXPECT_EQ(refused(R"({"id":1,"connect":{"subs":{"a":{},"b":{},"c":{}}}})"), bad_request(1));
  EXPECT_EQ(refused(R"({"id":1,"connect":{"subs":{"a":{},"a":{}}}})"), bad_request(1));
  EXPECT_EQ(refused(R"({"id":1,"connect":{"subs":[]}})"), bad_request(1));
}

TEST_F(CommandReaderTest, SubscribeHasEveryFieldOfTheSchema) {
  const auto subscribe = request<SubscribeCommand>(
      R"({"id":2,"subscribe":{"channel":"orders:43","token":"t","recover":true,"epoch":"e","offset":18446744073709551615,)"
      R"("data":[1.0],"positioned":true,"recoverable":true,"join_leave":true,"delta":"fossil","new":{}}})");
  EXPECT_EQ(subscribe.channel, "orders:43");
  EXPECT_EQ(subscribe.token, "t");
  EXPECT_TRUE(subscribe.recover);
  EXPECT_EQ(subscribe.since.epoch, "e");
  EXPECT_EQ(subscribe.since.offset, UINT64_MAX);
  EXPECT_EQ(subscribe.data, "[1.0]");
  EXPECT_TRUE(subscribe.positioned);
  EXPECT_TRUE(subscribe.recoverable);
  EXPECT_TRUE(subscribe.join_leave);
  EXPECT_EQ(subscribe.delta, "fossil");
}

TEST_F(CommandReaderTest, OfTheFlagsOneIsKnownAndTheOthersAreIgnored) {
  const auto refuses = [this](const std::string& flag) {
    return request<SubscribeCommand>(R"({"id":2,"subscribe":{"channel":"c","flag":)" + flag + "}}")
        .refuse_unrecovered;
  };
  for (const char* flag : {"2", "3", "-1", "9223372036854775807"}) EXPECT_TRUE(refuses(flag));
  for (const char* flag : {"0", "1", "4", "null"}) EXPECT_FALSE(refuses(flag));
  EXPECT_EQ(refused(R"({"id":2,"subscribe":{"channel":"c","flag":"2"}})"), bad_request(2));
  EXPECT_EQ(refused(R"({"id":2,"subscribe":{"channel":"c","flag":9223372036854775808}})"),
            bad_request(2));
  const auto connect = request<ConnectCommand>(
      R"({"id":1,"connect":{"subs":{"a":{"recover":true,"flag":2},"b":{"flag":1}}}})");
  EXPECT_TRUE(connect.subs[0].refuse_unrecovered);
  EXPECT_FALSE(connect.subs[1].refuse_unrecovered);
}

TEST_F(CommandReaderTest, FieldsThatAreMissingOrNullAreZero) {
  const auto subscribe = request<SubscribeCommand>(
      R"({"id":2,"subscribe":{"channel":"c","token":null,"recover":null,"offset":null}})");
  EXPECT_EQ(subscribe.token, "");
  EXPECT_FALSE(subscribe.recover);
  EXPECT_EQ(subscribe.since.offset, 0u);
  EXPECT_EQ(subscribe.data, "");
}

TEST_F(CommandReaderTest, CommandsOfOneChannelNameIt) {
  EXPECT_EQ(request<UnsubscribeCommand>(R"({"id":3,"unsubscribe":{"channel":"c"}})").channel, "c");
  EXPECT_EQ(request<PresenceCommand>(R"({"id":3,"presence":{"channel":"c"}})").channel, "c");
  EXPECT_EQ(request<PresenceStatsCommand>(R"({"id":3,"presence_stats":{"channel":"c"}})").channel,
            "c");
  const auto refresh =
      request<SubRefreshCommand>(R"({"id":3,"sub_refresh":{"channel":"c","token":"t"}})");
  EXPECT_EQ(refresh.channel, "c");
  EXPECT_EQ(refresh.token, "t");
}

TEST_F(CommandReaderTest, CommandWithoutItsChannelIsABadRequest) {
  for (const char* method : {"subscribe", "unsubscribe", "publish", "presence", "presence_stats",
                             "history", "sub_refresh"}) {
    const std::string name(method);
    EXPECT_EQ(refused("{\"id\":4,\"" + name + "\":{\"data\":1}}"), bad_request(4)) << name;
    EXPECT_EQ(refused("{\"id\":4,\"" + name + "\":{\"channel\":\"\",\"data\":1}}"), bad_request(4))
        << name;
    EXPECT_EQ(refused("{\"id\":4,\"" + name + "\":{\"channel\":7,\"data\":1}}"), bad_request(4))
        << name;
  }
}

TEST_F(CommandReaderTest, HistoryHasLimitPositionAndDirection) {
  const auto history = request<HistoryCommand>(
      R"({"id":5,"history":{"channel":"c","limit":-1,"since":{"offset":3,"epoch":"e"},"reverse":true}})");
  EXPECT_EQ(history.channel, "c");
  EXPECT_EQ(history.limit, -1);
  ASSERT_TRUE(history.since);
  EXPECT_EQ(history.since->offset, 3u);
  EXPECT_EQ(history.since->epoch, "e");
  EXPECT_TRUE(history.reverse);
  EXPECT_FALSE(request<HistoryCommand>(R"({"id":5,"history":{"channel":"c","since":null}})").since);
  EXPECT_EQ(
      request<HistoryCommand>(R"({"id":5,"history":{"channel":"c","limit":2147483647}})").limit,
      INT32_MAX);
}

TEST_F(CommandReaderTest, HistoryOutOfRangeIsABadRequest) {
  for (const char* fields :
       {R"("limit":2147483648)", R"("limit":-2147483649)", R"("limit":1.0)", R"("since":7)",
        R"("since":{"offset":-1})", R"("since":{"epoch":1})", R"("reverse":"yes")"}) {
    EXPECT_EQ(refused(R"({"id":5,"history":{"channel":"c",)" + std::string(fields) + "}}"),
              bad_request(5))
        << fields;
  }
}

TEST_F(CommandReaderTest, RestOfTheMethodsAreKnown) {
  request<PingCommand>(R"({"id":6,"ping":{}})");
  EXPECT_EQ(request<RefreshCommand>(R"({"id":6,"refresh":{"token":"t"}})").token, "t");
  const auto rpc = request<RpcCommand>(R"({"id":6,"rpc":{"method":"sum","data":[1,2]}})");
  EXPECT_EQ(rpc.method, "sum");
  EXPECT_EQ(rpc.data, "[1,2]");
  EXPECT_EQ(request<RpcCommand>(R"({"id":6,"rpc":{}})").data, "");
}

TEST_F(CommandReaderTest, SendNeedsNoId) {
  EXPECT_EQ(request<SendCommand>(R"({"send":{"data":{"a":1}}})").data, R"({"a":1})");
  EXPECT_EQ(one(R"({"send":{"data":1}})").id, 0u);
  EXPECT_EQ(one(R"({"id":9,"send":{"data":1}})").id, 9u);
}

TEST_F(CommandReaderTest, EmptyObjectIsThePong) {
  request<Pong>("{}");
  request<Pong>(" { } ");
}

TEST_F(CommandReaderTest, PayloadPassesByteForByteOnOneLine) {
  const auto data = [this](std::string_view payload) {
    return std::string(request<PublishCommand>(R"({"id":7,"publish":{"channel":"x","data":)" +
                                               std::string(payload) + "}}")
                           .data);
  };
  for (const char* payload : {R"({"n":12345678901234567890123,"x":1.0})", "1e400", "null", "\"\"",
                              "[ 1 , 2 ]", "{\"a\":1,\"a\":2}", R"("\u00e9\ud83d\ude00é")"}) {
    EXPECT_EQ(data(payload), payload);
  }
  EXPECT_EQ(data("{\"a\":\r1}"), "{\"a\": 1}");
}

TEST_F(CommandReaderTest, MalformedPayloadCostsOneErrorAndNotTheConnection) {
  const std::vector<std::string> payloads = {"{\"x\":tru, 1 2}",
                                             "[1,,2]",
                                             "01",
                                             nested(kJsonDepthMax + 1),
                                             "[1,]",
                                             "{",
                                             "\"\t\"",
                                             "\"abc",
                                             "'a'",
                                             "{\"a\":}",
                                             "\"\\x\"",
                                             "\"\\ud800\"",
                                             "",
                                             "nul",
                                             "]"};
  for (const std::string& payload : payloads) {
    EXPECT_EQ(refused(R"({"id":1,"publish":{"channel":"x","data":)" + payload + "}}"),
              bad_request(1))
        << payload;
  }
}

TEST_F(CommandReaderTest, IdBehindADamagedPayloadIsFoundToo) {
  EXPECT_EQ(
      refused(R"({"publish":{"channel":"x","data":)" + nested(kJsonDepthMax + 1) + "},\"id\":2}"),
      bad_request(2));
  EXPECT_EQ(refused(R"({"publish":{"channel":"x","data":{"x":tru, 1 2}},"id":2})"), bad_request(2));
}

TEST_F(CommandReaderTest, PayloadAsDeepAsAllowedPasses) {
  const std::string deep = nested(kJsonDepthMax);
  EXPECT_EQ(
      request<PublishCommand>(R"({"id":1,"publish":{"channel":"x","data":)" + deep + "}}").data,
      deep);
}

TEST_F(CommandReaderTest, PublishWithoutDataIsABadRequest) {
  EXPECT_EQ(refused(R"({"id":1,"publish":{"channel":"x"}})"), bad_request(1));
}

TEST_F(CommandReaderTest, WithoutAnIdThereIsNobodyToAnswer) {
  for (const char* line : {R"({"subscribe":{"channel":"c"}})",
                           R"({"id":0,"ping":{}})",
                           R"({"ping":{}})",
                           R"({"id":null,"ping":{}})",
                           R"({"id":"1","ping":{}})",
                           R"({"id":-1,"ping":{}})",
                           R"({"id":1.0,"ping":{}})",
                           R"({"id":4294967296,"ping":{}})",
                           R"({"id":0})",
                           R"({"frobnicate":{}})",
                           "[]",
                           "1",
                           "null",
                           "\"id\"",
                           "x",
                           "{",
                           "{\"id\":",
                           "[{\"id\":1,\"ping\":{}}]",
                           R"({"id":1,"id":1,"ping":{}})",
                           R"({"publish":{"channel":"x","data":tru}})",
                           R"({"send":{"data":tru}})"}) {
    EXPECT_EQ(refused(line), malformed) << line;
  }
}

TEST_F(CommandReaderTest, LargestIdIsAnId) {
  EXPECT_EQ(one(R"({"id":4294967295,"ping":{}})").id, 4294967295u);
}

TEST_F(CommandReaderTest, DuplicateMembersInTheEnvelopeAreBadRequests) {
  EXPECT_EQ(refused(R"({"id":1,"ping":{},"ping":{}})"), bad_request(1));
  EXPECT_EQ(refused(R"({"id":1,"subscribe":{"channel":"a","channel":"b"}})"), bad_request(1));
  EXPECT_EQ(refused(R"({"id":1,"subscribe":{"channel":"a","\u0063hannel":"b"}})"), bad_request(1));
}

TEST_F(CommandReaderTest, TwoMethodsInOneCommandAreABadRequest) {
  EXPECT_EQ(refused(R"({"id":1,"ping":{},"subscribe":{"channel":"c"}})"), bad_request(1));
  EXPECT_EQ(one(R"({"id":1,"ping":{},"subscribe":null})").id, 1u);
  request<PingCommand>(R"({"id":1,"ping":{},"subscribe":null})");
}

TEST_F(CommandReaderTest, MethodThatIsNoObjectIsABadRequest) {
  for (const char* value : {"1", "\"x\"", "[]", "true"}) {
    EXPECT_EQ(refused(R"({"id":1,"ping":)" + std::string(value) + "}"), bad_request(1)) << value;
  }
}

TEST_F(CommandReaderTest, UnknownMethodIsSaidToBeUnknown) {
  EXPECT_EQ(refused(R"({"id":1,"frobnicate":{}})"), std::pair(1u, CommandError::method_not_found));
  EXPECT_EQ(refused(R"({"id":1})"), std::pair(1u, CommandError::method_not_found));
}

TEST_F(CommandReaderTest, UnknownMembersArePassedOver) {
  EXPECT_EQ(request<UnsubscribeCommand>(
                R"({"id":1,"trace":{"a":[1]},"unsubscribe":{"channel":"c","why":null}})")
                .channel,
            "c");
}

TEST_F(CommandReaderTest, AFilterThatWouldNotBeAppliedIsABadRequest) {
  for (const char* filter : {R"("tf":{"key":"lang","cmp":"eq","val":"en"})", R"("tf":{})",
                             R"("tagsFilter":{"lang":"en"})", R"("tagsFilter":true)"}) {
    const std::string member(filter);
    EXPECT_EQ(refused(R"({"id":1,"subscribe":{"channel":"a",)" + member + "}}"), bad_request(1));
    const auto connect =
        request<ConnectCommand>(R"({"id":1,"connect":{"subs":{"a":{)" + member + R"(},"b":{}}}})");
    ASSERT_EQ(connect.subs.size(), 2u);
    EXPECT_TRUE(connect.subs[0].filtered) << "it costs itself only";
    EXPECT_FALSE(connect.subs[1].filtered);
  }
  request<SubscribeCommand>(R"({"id":1,"subscribe":{"channel":"a","tf":null}})");
}

TEST_F(CommandReaderTest, EscapedChannelIsUnescaped) {
  EXPECT_EQ(request<UnsubscribeCommand>(R"({"id":1,"unsubscribe":{"channel":"caf\u00e9:\"1\""}})")
                .channel,
            "café:\"1\"");
}

TEST_F(CommandReaderTest, FrameIsReadLineByLine) {
  reader.start(
      "{\"id\":1,\"ping\":{}}\n\r\n{}\n "
      "\n{\"id\":2,\"publish\":{\"data\":tru}}\r\n{\"id\":3,\"ping\":{}}\n");
  std::vector<std::pair<std::uint32_t, std::size_t>> seen;
  while (const auto command = reader.next())
    seen.emplace_back(command->id, command->request.index());
  const Command ping{0, PingCommand{}};
  const Command error{0, CommandError::bad_request};
  EXPECT_EQ(seen, (std::vector<std::pair<std::uint32_t, std::size_t>>{{1, ping.request.index()},
                                                                      {0, 0},
                                                                      {2, error.request.index()},
                                                                      {3, ping.request.index()}}));
  EXPECT_FALSE(reader.next());
}

TEST_F(CommandReaderTest, FrameWithNothingInItHasNoCommands) {
  reader.start("");
  EXPECT_FALSE(reader.next());
  reader.start("\n \r\n");
  EXPECT_FALSE(reader.next());
}

TEST(ReadSubsTest, WishesAreReadFromText) {
  JsonReader json;
  const auto wishes = read_subs(
      json, R"({"orders:42":{"recover":true,"epoch":"qFhv","offset":41},"data":{"offset":1}})", 2);
  ASSERT_TRUE(wishes.has_value());
  ASSERT_EQ(wishes->size(), 2u);
  EXPECT_EQ((*wishes)[0].since.epoch, "qFhv");
  EXPECT_EQ((*wishes)[1].channel, "data");
  EXPECT_EQ((*wishes)[1].since.offset, 1u);
  EXPECT_TRUE(read_subs(json, "", 0)->empty());
  EXPECT_TRUE(read_subs(json, "{}", 0)->empty());
}

TEST(ReadSubsTest, WhatIsNoMapOfWishesIsRefused) {
  JsonReader json;
  for (const char* text :
       {"[]", "null", "1", "{", R"({"a":1})", R"({"a":null})", R"({"a":[]})", R"({"a":{},"a":{}})",
        R"({"a":{"offset":-1}})", R"({"a":{"offset":"1"}})", R"({"a":{"recover":1}})",
        R"({"a":{"epoch":1}})", R"({"a":{"offset":1,"offset":2}})"}) {
    const auto wishes = read_subs(json, text, 8);
    ASSERT_FALSE(wishes.has_value()) << text;
    EXPECT_EQ(wishes.error(), SubsError::malformed) << text;
  }
}

TEST(ReadSubsTest, WishesAreCountedUpToTheirLimit) {
  JsonReader json;
  EXPECT_TRUE(read_subs(json, R"({"a":{},"b":{}})", 2).has_value());
  EXPECT_EQ(read_subs(json, R"({"a":{},"b":{},"c":{}})", 2).error(), SubsError::too_many);
}

TEST(ReadSubsTest, PersonalChannelsAreNotCounted) {
  JsonReader json;
  const auto wishes =
      read_subs(json, R"({"session:s1":{},"a":{},"user:ada":{},"b":{},"user:":{}})", 2);
  ASSERT_TRUE(wishes.has_value());
  EXPECT_EQ(wishes->size(), 5u);
  EXPECT_EQ(read_subs(json, R"({"session:s1":{},"a":{},"users:1":{},"sessions:1":{}})", 2).error(),
            SubsError::too_many);
}

// The hub refuses it, and it alone, with error 107.
TEST(ReadSubsTest, ABadNameIsAWishLikeOthers) {
  JsonReader json;
  const auto wishes = read_subs(json, R"({"":{},"a b":{},"news:1":{}})", 3);
  ASSERT_TRUE(wishes.has_value());
  EXPECT_EQ((*wishes)[0].channel, "");
  EXPECT_EQ((*wishes)[2].channel, "news:1");
}

TEST(ReadSubsTest, WishesThatWereNotOpenedAreNotTakenForEmpty) {
  JsonReader json;
  const auto root = json.parse(R"({"a":{"recover":true}})", {.open_levels = 1});
  EXPECT_EQ(read_subs(*root, 8).error(), SubsError::malformed);
}

}  // namespace
}  // namespace usher::wire
