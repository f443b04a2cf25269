#include "wire/protocol_reply.h"

#include <array>

#include <gtest/gtest.h>

#include "wire/json.h"

namespace usher::wire {
namespace {

// What `append` writes, checked to be one valid JSON object.
template <class... Args, class... Params>
std::string written(void (*append)(std::string&, Params...), const Args&... args) {
  std::string out;
  append(out, args...);
  JsonReader json;
  EXPECT_TRUE(json.parse(out).has_value()) << out;
  return out;
}

const ClientInfo kAda{.user = "ada", .client = "c1", .conn_info = {}, .chan_info = {}};

TEST(ProtocolReplyTest, SubscribeReplyLeavesOutWhatIsZero) {
  EXPECT_EQ(written(append_subscribe_reply, 1u, SubscribeResult{}), R"({"id":1,"subscribe":{}})");
  SubscribeResult result;
  result.recoverable = true;
  result.epoch = "qFhv";
  result.offset = 44;
  EXPECT_EQ(written(append_subscribe_reply, 1u, result),
            R"({"id":1,"subscribe":{"recoverable":true,"epoch":"qFhv","offset":44}})");
}

TEST(ProtocolReplyTest, SubscribeReplyCarriesEverythingItHas) {
  const std::array missed = {
      Publication{.data = "1", .offset = 43, .info = nullptr, .tags = {}},
      Publication{.data = "{\"a\":1.0}", .offset = 44, .info = &kAda, .tags = "{\"t\":\"u\"}"}};
  const SubscribeResult result{.expires = true,
                               .ttl_s = 60,
                               .recoverable = true,
                               .epoch = "e",
                               .publications = missed,
                               .recovered = true,
                               .offset = 44,
                               .positioned = true,
                               .data = "[]",
                               .was_recovering = true,
                               .gap = RecoveryGap::none,
                               .pending = true};
  EXPECT_EQ(
      written(append_subscribe_reply, 4294967295u, result),
      R"({"id":4294967295,"subscribe":{"expires":true,"ttl":60,"recoverable":true,"epoch":"e","publications":[)"
      R"({"data":1,"offset":43},{"data":{"a":1.0},"info":{"user":"ada","client":"c1"},"offset":44,"tags":{"t":"u"}}],)"
      R"("recovered":true,"offset":44,"positioned":true,"data":[],"was_recovering":true,"pending":true}})");
}

TEST(ProtocolReplyTest, GapSaysWhyNothingWasRecovered) {
  const auto with = [](RecoveryGap gap) {
    SubscribeResult result;
    result.was_recovering = true;
    result.gap = gap;
    return written(append_subscribe_reply, 1u, result);
  };
  EXPECT_EQ(with(RecoveryGap::epoch_changed),
            R"({"id":1,"subscribe":{"was_recovering":true,"gap":"epoch_changed"}})");
  EXPECT_EQ(with(RecoveryGap::trimmed),
            R"({"id":1,"subscribe":{"was_recovering":true,"gap":"trimmed"}})");
  EXPECT_EQ(with(RecoveryGap::limit),
            R"({"id":1,"subscribe":{"was_recovering":true,"gap":"limit"}})");
}

TEST(ProtocolReplyTest, ConnectReplyHasTheSubscriptionsByChannel) {
  std::string subs;
  SubscribeResult recoverable;
  recoverable.recoverable = true;
  append_connect_sub(subs, "session:s\"1", recoverable);
  append_connect_sub(subs, "secret:1", ProtocolError::permission_denied);
  const ConnectResult result{.client = "c",
                             .session = "s",
                             .version = "usher 0.1.0",
                             .ping_s = 25,
                             .pong = true,
                             .expires = true,
                             .ttl_s = 3600,
                             .node = "n",
                             .reconnect_spread_ms = 5,
                             .data = "{}",
                             .subs = subs};
  EXPECT_EQ(
      written(append_connect_reply, 1u, result),
      R"({"id":1,"connect":{"client":"c","session":"s","version":"usher 0.1.0","ping":25,"pong":true,"expires":true,)"
      R"("ttl":3600,"node":"n","reconnect_spread_ms":5,"data":{},"subs":{"session:s\"1":{"recoverable":true},)"
      R"("secret:1":{"error":{"code":103,"message":"permission denied"}}}}})");
}

TEST(ProtocolReplyTest, ConnectionWithoutOurPingSaysNothingOfPongs) {
  ConnectResult result;
  result.client = "c";
  result.pong = true;
  EXPECT_EQ(written(append_connect_reply, 1u, result),
            R"({"id":1,"connect":{"client":"c","reconnect_spread_ms":0}})");
}

TEST(ProtocolReplyTest, PresenceIsAMapByClient) {
  const std::array clients = {
      kAda, ClientInfo{.user = "", .client = "c2", .conn_info = "{\"a\":1}", .chan_info = "2"}};
  EXPECT_EQ(written(append_presence_reply, 3u, std::span<const ClientInfo>(clients)),
            R"({"id":3,"presence":{"presence":{"c1":{"user":"ada","client":"c1"},)"
            R"("c2":{"user":"","client":"c2","conn_info":{"a":1},"chan_info":2}}}})");
  EXPECT_EQ(written(append_presence_reply, 3u, std::span<const ClientInfo>()),
            R"({"id":3,"presence":{"presence":{}}})");
}

TEST(ProtocolReplyTest, CountsThatAreTheAnswerAreSaidEvenIfZero) {
  EXPECT_EQ(written(append_presence_stats_reply, 3u, 0u, 0u),
            R"({"id":3,"presence_stats":{"num_clients":0,"num_users":0}})");
  EXPECT_EQ(written(append_history_reply, 3u, HistoryResult{}),
            R"({"id":3,"history":{"publications":[],"offset":0}})");
}

TEST(ProtocolReplyTest, HistoryListsPublications) {
  const std::array kept = {Publication{.data = "null", .offset = 7, .info = nullptr, .tags = {}}};
  EXPECT_EQ(
      written(append_history_reply, 3u,
              HistoryResult{.publications = kept, .epoch = "e", .offset = 9}),
      R"({"id":3,"history":{"publications":[{"data":null,"offset":7}],"epoch":"e","offset":9}})");
}

TEST(ProtocolReplyTest, RepliesWithNothingToSayAreEmptyObjects) {
  EXPECT_EQ(written(append_unsubscribe_reply, 1u), R"({"id":1,"unsubscribe":{}})");
  EXPECT_EQ(written(append_publish_reply, 1u), R"({"id":1,"publish":{}})");
  EXPECT_EQ(written(append_ping_reply, 1u), R"({"id":1,"ping":{}})");
  EXPECT_EQ(written(append_rpc_reply, 1u, ""), R"({"id":1,"rpc":{}})");
}

TEST(ProtocolReplyTest, RpcAndRefreshRepliesCarryTheirResult) {
  EXPECT_EQ(written(append_rpc_reply, 1u, "[1.0]"), R"({"id":1,"rpc":{"data":[1.0]}})");
  EXPECT_EQ(written(append_refresh_reply, 1u,
                    RefreshResult{.client = "c", .version = "v", .expires = true, .ttl_s = 5}),
            R"({"id":1,"refresh":{"client":"c","version":"v","expires":true,"ttl":5}})");
}

TEST(ProtocolReplyTest, ErrorsHaveNumberMessageAndTemporary) {
  std::string out;
  append_error_reply(out, 1, ProtocolError::bad_request);
  EXPECT_EQ(out, R"({"id":1,"error":{"code":107,"message":"bad request"}})");
  out.clear();
  append_error_reply(out, 1, ProtocolError::too_many_requests);
  EXPECT_EQ(out, R"({"id":1,"error":{"code":111,"message":"too many requests","temporary":true}})");
  out.clear();
  append_error_reply(out, 1, 1001, "a \"b\"\n", false);
  EXPECT_EQ(out, R"({"id":1,"error":{"code":1001,"message":"a \"b\"\n"}})");
}

TEST(ProtocolReplyTest, EveryErrorHasItsCentrifugoNumberAndOnlyTwoAreTemporary) {
  EXPECT_EQ(error_code(ProtocolError::internal), 100);
  EXPECT_EQ(error_code(ProtocolError::unrecoverable_position), 112);
  int temporary = 0;
  for (std::uint16_t code = 100; code <= 112; ++code) {
    EXPECT_FALSE(error_message(ProtocolError{code}).empty());
    temporary += is_temporary(ProtocolError{code}) ? 1 : 0;
  }
  EXPECT_EQ(temporary, 2);
}

TEST(ProtocolReplyTest, MessagesInARowAreLinesOfOneFrame) {
  std::string out;
  append_ping_reply(out, 1);
  append_publish_reply(out, 2);
  append_refresh_push(out, false, 0);
  EXPECT_EQ(out, "{\"id\":1,\"ping\":{}}\n{\"id\":2,\"publish\":{}}\n{\"push\":{\"refresh\":{}}}");
}

}  // namespace
}  // namespace usher::wire
