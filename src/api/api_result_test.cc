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
  EXPECT_EQ(transport_status(hub::Error::internal), 500);
  EXPECT_EQ(transport_status(hub::Error::unknown_channel), 404);
  EXPECT_EQ(transport_status(hub::Error::bad_request), 400);
  EXPECT_EQ(transport_status(hub::Error::not_available), 400);
  EXPECT_EQ(transport_status(hub::Error::unrecoverable_position), 416);
}

TEST(ApiResultTest, EveryTransportStatusIsCountedUnderItsOwnName) {
  for (const auto error :
       {hub::Error::internal, hub::Error::unauthorized, hub::Error::unknown_channel,
        hub::Error::permission_denied, hub::Error::method_not_found, hub::Error::already_subscribed,
        hub::Error::limit_exceeded, hub::Error::bad_request, hub::Error::not_available,
        hub::Error::token_expired, hub::Error::expired, hub::Error::too_many_requests,
        hub::Error::unrecoverable_position}) {
    EXPECT_NE(metrics::status_index(transport_status(error)), 0u) << wire::error_code(error);
  }
}

}  // namespace
}  // namespace usher::api
