#include "api/api_result.h"

#include <gtest/gtest.h>

namespace usher::api {
namespace {

TEST(ApiResultTest, PositionLeavesOutWhatAChannelWithoutHistoryHasNot) {
  EXPECT_EQ(to_json(hub::Position{}), "{}");
  EXPECT_EQ(to_json(hub::Position{.offset = 1, .epoch = "a\"b"}), R"({"offset":1,"epoch":"a\"b"})");
}

TEST(ApiResultTest, ErrorHasCodeMessageAndMaybeADetail) {
  EXPECT_EQ(to_json(ApiError{hub::Error::unknown_channel}),
            R"({"code":102,"message":"unknown channel"})");
  EXPECT_EQ(to_json(ApiError{hub::Error::bad_request, "'data' is missing"}),
            R"({"code":107,"message":"bad request","detail":"'data' is missing"})");
}

TEST(ApiResultTest, AReasonStandsBesideTheMessage) {
  ApiError error(wire::ProtocolError::token_expired, "used before");
  error.reason = "consumed";
  EXPECT_EQ(to_json(error),
            R"({"code":109,"message":"token expired","reason":"consumed","detail":"used before"})");
}

TEST(ApiResultTest, ARedeemedTicketHasEveryMember) {
  const std::vector<std::string> names{"org"};
  EXPECT_EQ(to_json(ticket::Grant{.session = "s1",
                                  .user = "ada",
                                  .token_exp = 2000,
                                  .channels = {"news", "a\"b*"},
                                  .claims = R"({"org":{"id":7},"role":"admin"})"},
                    "00ff00ff00ff00ff", names),
            R"({"session":"s1","user":"ada","guest":false,"channels":["news","a\"b*"],)"
            R"("claims":{"org":{"id":7}},"expire_at":2000,"client":"00ff00ff00ff00ff"})");
  EXPECT_EQ(to_json(ticket::Grant{.session = "s1"}, "00ff00ff00ff00ff", names),
            R"({"session":"s1","user":"","guest":true,"channels":[],"claims":{},"expire_at":0,)"
            R"("client":"00ff00ff00ff00ff"})");
}

TEST(ApiResultTest, TransportStatusesAreCentrifugos) {
  EXPECT_EQ(transport_status(wire::ProtocolError::internal).value(), 500);
  EXPECT_EQ(transport_status(wire::ProtocolError::unknown_channel).value(), 404);
  EXPECT_EQ(transport_status(wire::ProtocolError::bad_request).value(), 400);
  EXPECT_EQ(transport_status(wire::ProtocolError::not_available).value(), 400);
  EXPECT_EQ(transport_status(wire::ProtocolError::unrecoverable_position).value(), 416);
}

}  // namespace
}  // namespace usher::api
