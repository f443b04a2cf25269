#include "hub/protocol_text.h"

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

Publications one_publication() {
  auto publication = std::make_shared<Publication>();
  publication->offset = 44;
  publication->data = R"({"n":1})";
  publication->info = std::make_unique<const ClientInfo>(ClientInfo{"c1", "ada", "", ""});
  return {std::move(publication)};
}

TEST(ProtocolTextTest, ASubscribeReplyHasWhatWasMissed) {
  Subscribed subscribed{.recoverable = true,
                        .positioned = true,
                        .position = {44, "qFhv"},
                        .was_recovering = true,
                        .recovered = true};
  subscribed.publications = one_publication();
  std::string out;
  append_subscribe_reply(out, 1, subscribed);
  EXPECT_EQ(
      out,
      R"({"id":1,"subscribe":{"recoverable":true,"epoch":"qFhv","publications":[{"data":{"n":1},)"
      R"("info":{"user":"ada","client":"c1"},"offset":44}],"recovered":true,"offset":44,)"
      R"("positioned":true,"was_recovering":true}})");
}

TEST(ProtocolTextTest, APendingOneSaysSo) {
  std::string out;
  append_subscribe_reply(out, 1, Subscribed{.pending = true});
  EXPECT_EQ(out, R"({"id":1,"subscribe":{"pending":true}})");
}

TEST(ProtocolTextTest, AGrantAddsItsDataAndItsEnd) {
  std::string out;
  append_subscribe_reply(out, 1,
                         Subscribed{.grant = {.data = R"({"a":1})", .expires = true, .ttl_s = 60}});
  EXPECT_EQ(out, R"({"id":1,"subscribe":{"expires":true,"ttl":60,"data":{"a":1}}})");
}

TEST(ProtocolTextTest, AHooksErrorIsToldAsItIs) {
  const SubscribeError error(GivenError{4711, "not on \"this\" plan", true});
  std::string out;
  append_subscribe_reply(out, 1, error);
  EXPECT_EQ(out,
            R"({"id":1,"error":{"code":4711,"message":"not on \"this\" plan","temporary":true}})");
  std::string subs;
  append_connect_sub(subs, {"a:1", error});
  EXPECT_EQ(subs,
            R"("a:1":{"error":{"code":4711,"message":"not on \"this\" plan","temporary":true}})");
}

TEST(ProtocolTextTest, ErrorsAnswerTheCommand) {
  std::string out;
  append_subscribe_reply(out, 1, Error::permission_denied);
  EXPECT_EQ(out, R"({"id":1,"error":{"code":103,"message":"permission denied"}})");
  for (const auto& write :
       {+[](std::string& o) { append_history_reply(o, 2, Error::internal); },
        +[](std::string& o) { append_presence_reply(o, 2, Error::internal); },
        +[](std::string& o) { append_presence_stats_reply(o, 2, Error::internal); }}) {
    std::string error;
    write(error);
    EXPECT_EQ(
        error,
        R"({"id":2,"error":{"code":100,"message":"internal server error","temporary":true}})");
  }
}

TEST(ProtocolTextTest, SubsHaveOneMemberForEachChannel) {
  Joined joined{{"session:s1", Subscribed{}},
                {"news:1", Subscribed{.recoverable = true,
                                      .positioned = true,
                                      .position = {3, "e"},
                                      .was_recovering = true,
                                      .gap = wire::RecoveryGap::trimmed}},
                {"secret:1", Error::permission_denied}};
  std::string out;
  wire::ConnectResult result;
  const std::string subs = connect_subs(joined);
  result.subs = subs;
  wire::append_connect_push(out, result);
  EXPECT_NE(
      out.find(R"("subs":{"session:s1":{},"news:1":{"recoverable":true,"epoch":"e","offset":3,)"
               R"("positioned":true,"was_recovering":true,"gap":"trimmed"},)"
               R"("secret:1":{"error":{"code":103,"message":"permission denied"}}})"),
      std::string::npos)
      << out;
}

TEST(ProtocolTextTest, HistoryAndPresenceAreWrittenWhole) {
  std::string out;
  append_history_reply(out, 2,
                       HistoryPage{.publications = one_publication(), .position = {50, "e"}});
  EXPECT_EQ(
      out,
      R"({"id":2,"history":{"publications":[{"data":{"n":1},"info":{"user":"ada","client":"c1"},)"
      R"("offset":44}],"epoch":"e","offset":50}})");
  out.clear();
  append_presence_reply(out, 3, std::vector<ClientInfo>{{"c1", "ada", R"({"x":1})", ""}});
  EXPECT_EQ(
      out,
      R"({"id":3,"presence":{"presence":{"c1":{"user":"ada","client":"c1","conn_info":{"x":1}}}}})");
  out.clear();
  append_presence_stats_reply(out, 4, PresenceStats{2, 1});
  EXPECT_EQ(out, R"({"id":4,"presence_stats":{"num_clients":2,"num_users":1}})");
}

}  // namespace
}  // namespace usher::hub
