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

TEST(ApiResultTest, TransportStatusesAreCentrifugos) {
  EXPECT_EQ(transport_status(wire::ProtocolError::internal), 500);
  EXPECT_EQ(transport_status(wire::ProtocolError::unknown_channel), 404);
  EXPECT_EQ(transport_status(wire::ProtocolError::bad_request), 400);
  EXPECT_EQ(transport_status(wire::ProtocolError::not_available), 400);
  EXPECT_EQ(transport_status(wire::ProtocolError::unrecoverable_position), 416);
}

TEST(ApiResultTest, EveryTransportStatusIsCountedUnderItsOwnName) {
  for (const auto error :
       {wire::ProtocolError::internal, wire::ProtocolError::unauthorized,
        wire::ProtocolError::unknown_channel, wire::ProtocolError::permission_denied,
        wire::ProtocolError::method_not_found, wire::ProtocolError::already_subscribed,
        wire::ProtocolError::limit_exceeded, wire::ProtocolError::bad_request,
        wire::ProtocolError::not_available, wire::ProtocolError::token_expired,
        wire::ProtocolError::expired, wire::ProtocolError::too_many_requests,
        wire::ProtocolError::unrecoverable_position}) {
    EXPECT_NE(metrics::status_index(transport_status(error)), 0u) << wire::error_code(error);
  }
}

}  // namespace
}  // namespace usher::api
