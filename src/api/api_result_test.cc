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
  EXPECT_EQ(transport_status(wire::ProtocolError::internal).value(), 500);
  EXPECT_EQ(transport_status(wire::ProtocolError::unknown_channel).value(), 404);
  EXPECT_EQ(transport_status(wire::ProtocolError::bad_request).value(), 400);
  EXPECT_EQ(transport_status(wire::ProtocolError::not_available).value(), 400);
  EXPECT_EQ(transport_status(wire::ProtocolError::unrecoverable_position).value(), 416);
}

}  // namespace
}  // namespace usher::api
