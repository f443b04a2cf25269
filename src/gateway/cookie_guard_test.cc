#include "gateway/cookie_guard.h"

#include <gtest/gtest.h>

namespace usher::gateway {
namespace {

using Fields = std::vector<wire::HttpField>;

class CookieGuardTest : public testing::Test {
 protected:
  bool may(Fields fields, std::vector<std::string> allowed = {"https://app.example"},
           bool dev = false) {
    wire::HttpRequest request;
    request.method = "POST";
    request.fields = std::move(fields);
    const auth::OriginPolicy origins({.allowed = std::move(allowed), .dev = dev});
    const auto refusal = check_cookie_caller(request, origins);
    if (refusal) {
      EXPECT_EQ(refusal->problem, http::Problem::origin_blocked);
    }
    return !refusal;
  }
};

TEST_F(CookieGuardTest, AListedOriginMayWhateverItsSiteIs) {
  for (const char* site : {"same-origin", "same-site", "cross-site"}) {
    EXPECT_TRUE(may({{"Origin", "https://app.example"}, {"Sec-Fetch-Site", site}})) << site;
    EXPECT_FALSE(may({{"Origin", "https://other.example"}, {"Sec-Fetch-Site", site}})) << site;
  }
  EXPECT_TRUE(may({{"Origin", "https://app.example"}}));
}

TEST_F(CookieGuardTest, NoOriginIsRefusedFromABrowserAndAllowedFromAProgram) {
  EXPECT_TRUE(may({{"Cookie", "a=1"}}));
  for (const char* site : {"same-origin", "same-site", "cross-site", "none", ""}) {
    EXPECT_FALSE(may({{"Cookie", "a=1"}, {"Sec-Fetch-Site", site}})) << site;
  }
  EXPECT_FALSE(may({{"sec-fetch-MODE", "navigate"}}));
  EXPECT_FALSE(may({{"Sec-Fetch-Dest", "document"}}));
}

TEST_F(CookieGuardTest, OnlyAnEntryThatNamesTheOriginLetsCookiesIn) {
  EXPECT_FALSE(may({{"Origin", "https://a.app.example"}}, {"https://*.app.example"}));
  EXPECT_FALSE(may({{"Origin", "null"}}));
  EXPECT_FALSE(may({{"Origin", "null"}}, {"null"}));
  EXPECT_FALSE(may({{"Origin", "moz-extension://9a"}}, {"moz-extension://*"}));
  EXPECT_TRUE(may({{"Origin", "moz-extension://9a"}}, {"moz-extension://9a"}));
  EXPECT_FALSE(may({{"Origin", "https://evil.example"}}, {"*"}, /*dev=*/true));
  EXPECT_TRUE(may({{"Origin", "http://localhost:3000"}}, {}, /*dev=*/true));
}

}  // namespace
}  // namespace usher::gateway
