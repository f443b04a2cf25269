#include "hub/error.h"

#include <set>

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

TEST(HubErrorTest, EachErrorHasANumberOfItsOwnAndIsFoundByIt) {
  std::set<std::uint16_t> codes;
  for (std::uint8_t i = 0; i < kErrors; ++i) {
    const auto error = static_cast<Error>(i);
    const std::uint16_t code = wire::error_code(protocol_error(error));
    EXPECT_TRUE(codes.insert(code).second) << code;
    EXPECT_EQ(error_with_code(code), error);
  }
  EXPECT_EQ(protocol_error(Error::expired), wire::ProtocolError::expired)
      << "the last one: kErrors counts all";
  EXPECT_EQ(static_cast<std::uint8_t>(Error::expired) + 1, kErrors);
}

TEST(HubErrorTest, ANumberThatIsNoErrorOfTheHubIsNone) {
  for (const std::uint64_t code : {0u, 99u, 101u, 104u, 109u, 113u}) {
    EXPECT_EQ(error_with_code(code), std::nullopt) << code;
  }
}

}  // namespace
}  // namespace usher::hub
