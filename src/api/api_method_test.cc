#include "api/api_method.h"

#include <gtest/gtest.h>

namespace usher::api {
namespace {

TEST(ApiMethodTest, EachMethodIsFoundByItsName) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(ApiMethod::count_); ++i) {
    const auto method = static_cast<ApiMethod>(i);
    EXPECT_EQ(api_method(to_string(method)), method);
  }
}

TEST(ApiMethodTest, OtherNamesAreNoMethod) {
  for (const char* name : {"", "publishe", "Publish", "publish/", "other"}) {
    EXPECT_FALSE(api_method(name)) << name;
  }
}

}  // namespace
}  // namespace usher::api
