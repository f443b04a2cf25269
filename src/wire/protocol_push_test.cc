#include <gtest/gtest.h>

#include "wire/json.h"
#include "wire/protocol_reply.h"

namespace usher::wire {
namespace {

template <class... Args, class... Params>
std::string written(void (*append)(std::string&, Params...), const Args&... args) {
  std::string out;
  append(out, args...);
  JsonReader json;
  EXPECT_TRUE(json.parse(out).has_value()) << out;
  return out;
}

const ClientInfo kAda{.user = "ada", .client = "c1", .conn_info = "{\"n\":1}", .chan_info = {}};

TEST(ProtocolPushTest, PublicationPassesItsDataByteForByte) {
  EXPECT_EQ(
      written(append_publication_push, "orders:42",
              Publication{.data = R"({"n": 12345678901234567890123})",
                          .offset = 45,
                          .info = nullptr,
                          .tags = {}}),
      R"({"push":{"channel":"orders:42","pub":{"data":{"n": 12345678901234567890123},"offset":45}}})");
  EXPECT_EQ(
      written(append_publication_push, "a",
              Publication{.data = "1", .offset = 0, .info = &kAda, .tags = {}}),
      R"({"push":{"channel":"a","pub":{"data":1,"info":{"user":"ada","client":"c1","conn_info":{"n":1}}}}})");
}

TEST(ProtocolPushTest, ChannelNamesAreEscaped) {
  EXPECT_EQ(written(append_publication_push, "a\"\\\n",
                    Publication{.data = "1", .offset = 0, .info = nullptr, .tags = {}}),
            R"({"push":{"channel":"a\"\\\n","pub":{"data":1}}})");
}

TEST(ProtocolPushTest, JoinAndLeaveSayWho) {
  EXPECT_EQ(
      written(append_join_push, "a", kAda),
      R"({"push":{"channel":"a","join":{"info":{"user":"ada","client":"c1","conn_info":{"n":1}}}}})");
  EXPECT_EQ(
      written(append_leave_push, "a", kAda),
      R"({"push":{"channel":"a","leave":{"info":{"user":"ada","client":"c1","conn_info":{"n":1}}}}})");
}

TEST(ProtocolPushTest, ConnectPushIsTheContractsFirstFrame) {
  const ConnectResult result{.client = "c",
                             .session = "s",
                             .version = "usher 0.1.0",
                             .ping_s = 25,
                             .pong = true,
                             .expires = true,
                             .ttl_s = 3600,
                             .node = "n",
                             .reconnect_spread_ms = 0,
                             .data = {},
                             .subs = R"("session:s":{})"};
  EXPECT_EQ(
      written(append_connect_push, result),
      R"({"push":{"connect":{"client":"c","session":"s","version":"usher 0.1.0","ping":25,"pong":true,"expires":true,)"
      R"("ttl":3600,"node":"n","reconnect_spread_ms":0,"subs":{"session:s":{}}}}})");
}

TEST(ProtocolPushTest, SubscribePushHasThePosition) {
  SubscribeResult result;
  result.recoverable = result.positioned = result.pending = true;
  result.epoch = "e";
  result.offset = 3;
  result.data = "1";
  EXPECT_EQ(
      written(append_subscribe_push, "a", result),
      R"({"push":{"channel":"a","subscribe":{"recoverable":true,"epoch":"e","offset":3,"positioned":true,"data":1}}})");
}

TEST(ProtocolPushTest, SubscribePushSaysWhatCouldNotBeRecovered) {
  SubscribeResult result;
  result.was_recovering = true;
  result.gap = RecoveryGap::trimmed;
  EXPECT_EQ(written(append_subscribe_push, "a", result),
            R"({"push":{"channel":"a","subscribe":{"was_recovering":true,"gap":"trimmed"}}})");
  result.recovered = true;
  result.gap = RecoveryGap::none;
  EXPECT_EQ(written(append_subscribe_push, "a", result),
            R"({"push":{"channel":"a","subscribe":{"recovered":true,"was_recovering":true}}})");
}

TEST(ProtocolPushTest, UnsubscribePushSaysWhy) {
  EXPECT_EQ(written(append_unsubscribe_push, "a", 2100u, "owner changed"),
            R"({"push":{"channel":"a","unsubscribe":{"code":2100,"reason":"owner changed"}}})");
}

TEST(ProtocolPushTest, PushesOfTheConnectionNameNoChannel) {
  EXPECT_EQ(written(append_refresh_push, true, 60u),
            R"({"push":{"refresh":{"expires":true,"ttl":60}}})");
  EXPECT_EQ(written(append_refresh_push, false, 0u), R"({"push":{"refresh":{}}})");
}

TEST(ProtocolPushTest, DisconnectPushNamesTheTimeToComeBack) {
  EXPECT_EQ(
      written(append_disconnect_push, DisconnectPush{.code = 1001,
                                                     .reason = "SERVER_SHUTDOWN",
                                                     .reconnect = true,
                                                     .retry_after_ms = 1500,
                                                     .place = true}),
      R"({"push":{"disconnect":{"code":1001,"reason":"SERVER_SHUTDOWN","reconnect":true,"retry_after_ms":1500,"place":true}}})");
  EXPECT_EQ(
      written(append_disconnect_push, DisconnectPush{.code = 3503, .reason = "FORCE_DISCONNECT"}),
      R"({"push":{"disconnect":{"code":3503,"reason":"FORCE_DISCONNECT"}}})");
}

}  // namespace
}  // namespace usher::wire
