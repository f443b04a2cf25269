#include "hub/subscribe_error.h"

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

TEST(SubscribeErrorTest, AnErrorOfOursIsToldWithTheProtocolsNumberAndMessage) {
  const SubscribeError error = Error::too_many_requests;
  EXPECT_EQ(error, Error::too_many_requests);
  EXPECT_EQ(error.for_client(), (GivenError{111, "too many requests", true}));
}

TEST(SubscribeErrorTest, TheHooksOwnIsToldAsItIsAndIsADenialToUs) {
  const SubscribeError error(GivenError{4711, "not on this plan", false});
  EXPECT_EQ(error, Error::permission_denied);
  EXPECT_EQ(error.for_client(), (GivenError{4711, "not on this plan", false}));
}

}  // namespace
}  // namespace usher::hub
