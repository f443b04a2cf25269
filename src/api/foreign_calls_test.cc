#include "api/foreign_calls.h"

#include <gtest/gtest.h>

#include "api/api_method.h"

namespace usher::api {
namespace {

TEST(ForeignCallsTest, ACallOfCentrifugoIsRefusedByItsNameAndWithAReason) {
  for (const auto* name : {"rpc", "connections", "map_publish", "block_user", "cancel_push"}) {
    EXPECT_FALSE(why_not_here(name).empty()) << name;
    const ApiError error = unknown_call(name);
    EXPECT_EQ(error.code, wire::ProtocolError::method_not_found);
    EXPECT_TRUE(error.detail.starts_with("'" + std::string(name) + "' is not a call")) << name;
    EXPECT_TRUE(error.detail.ends_with(why_not_here(name))) << error.detail;
  }
  EXPECT_EQ(why_not_here("nonsense"), "");
  EXPECT_EQ(unknown_call("nonsense").detail, "'nonsense' is not a call of this server");
}

TEST(ForeignCallsTest, NoCallOfOursIsForeign) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(ApiMethod::count_); ++i) {
    EXPECT_EQ(why_not_here(to_string(static_cast<ApiMethod>(i))), "");
  }
}

TEST(ForeignCallsTest, ALongNameIsCut) {
  EXPECT_LT(unknown_call(std::string(5000, 'x')).detail.size(), 200u);
}

}  // namespace
}  // namespace usher::api
