#include "auth/origin_policy.h"

#include <gtest/gtest.h>

namespace usher::auth {
namespace {

OriginPolicy listing(std::vector<std::string> allowed) {
  return OriginPolicy({.allowed = std::move(allowed)});
}

std::string fault_of(std::string entry, bool dev = false) {
  try {
    OriginPolicy({.allowed = {std::move(entry)}, .require = false, .dev = dev});
    return "";
  } catch (const OriginPolicyError& error) {
    return error.what();
  }
}

TEST(OriginPolicyTest, AnExactEntryAllowsThatSchemeHostAndPort) {
  const auto policy = listing({"https://app.example.com", "http://intranet:8080"});
  for (const auto* good : {"https://app.example.com", "https://app.example.com:443",
                           "https://APP.example.com", "http://intranet:8080"}) {
    EXPECT_TRUE(policy.allows(good)) << good;
  }
  for (const auto* bad :
       {"http://app.example.com", "https://app.example.com:8443", "https://example.com",
        "https://x.app.example.com", "https://app.example.com.evil.com",
        "https://evilapp.example.com", "https://app.example.comm", "http://intranet",
        "https://evil.com#app.example.com", "https://app.example.com@evil.com",
        "https://app.example.com/", "https://app.example.com.", " https://app.example.com", "null",
        ""}) {
    EXPECT_FALSE(policy.allows(bad)) << bad;
  }
}

TEST(OriginPolicyTest, APatternStandsForExactlyOneLabel) {
  const auto policy = listing({"https://*.example.com", "http://*.preview.example.org:8080"});
  for (const auto* good : {"https://app.example.com", "https://a-1.example.com:443",
                           "https://x_y.EXAMPLE.com", "http://pr-7.preview.example.org:8080"}) {
    EXPECT_TRUE(policy.allows(good)) << good;
  }
  for (const auto* bad :
       {"https://example.com", "https://sub.sub.example.com", "https://.example.com",
        "http://app.example.com", "https://app.example.com:8443",
        "https://app.example.com.evil.com", "https://evilexample.com",
        "https://evil.com/.example.com", "https://evil.com#.example.com",
        "https://evil.com?.example.com", "https://evil.com\\.example.com",
        "https://user@x.example.com", "https://*.example.com", "https://%2e.example.com",
        "https://x.example.com.", "http://pr-7.preview.example.org"}) {
    EXPECT_FALSE(policy.allows(bad)) << bad;
  }
}

TEST(OriginPolicyTest, AppsAndExtensionsCanBeListed) {
  const auto policy = listing({"file://", "app://bundle", "moz-extension://*",
                               "chrome-extension://abcdefghijklmnopabcdefghijklmnop"});
  for (const auto* good :
       {"file://", "app://bundle", "moz-extension://0b3d5c2a-7f1e-4c0a-9d7e-2a1b3c4d5e6f",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop"}) {
    EXPECT_TRUE(policy.allows(good)) << good;
  }
  for (const auto* bad :
       {"null", "file:///", "file://host", "app://", "app://other", "app://bundle.evil",
        "moz-extension://", "moz-extension://a:1", "moz-extension://a/b", "xmoz-extension://a",
        "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba", "https://bundle", "http://a"}) {
    EXPECT_FALSE(policy.allows(bad)) << bad;
  }
  EXPECT_FALSE(listing({"https://app.example.com"}).allows("file://"));
}

TEST(OriginPolicyTest, NullIsAllowedOnlyWhenListed) {
  EXPECT_FALSE(listing({"https://app.example.com"}).allows("null"));
  EXPECT_TRUE(listing({"null"}).allows("null"));
  EXPECT_FALSE(listing({"null"}).allows("NULL"));
}

TEST(OriginPolicyTest, NoOriginMeansNoBrowserUnlessOneIsRequired) {
  EXPECT_TRUE(listing({}).allows(std::nullopt));
  const OriginPolicy strict({.allowed = {"https://app.example.com"}, .require = true});
  EXPECT_FALSE(strict.allows(std::nullopt));
  EXPECT_TRUE(strict.allows("https://app.example.com"));
}

TEST(OriginPolicyTest, AnEmptyListLetsNoBrowserIn) {
  EXPECT_FALSE(listing({}).allows("https://app.example.com"));
  EXPECT_FALSE(listing({}).allows("http://localhost:3000"));
}

TEST(OriginPolicyTest, DevLetsPagesOfThisMachineIn) {
  const OriginPolicy policy({.allowed = {}, .require = false, .dev = true});
  for (const auto* good : {"http://localhost:5173", "http://localhost", "http://127.0.0.1:3000",
                           "http://[::1]:8080", "https://localhost:8443"}) {
    EXPECT_TRUE(policy.allows(good)) << good;
  }
  for (const auto* bad : {"http://localhost.evil.com", "http://127.0.0.1.evil.com", "null",
                          "http://127.0.0.2", "ftp://localhost", "https://app.example.com"}) {
    EXPECT_FALSE(policy.allows(bad)) << bad;
  }
}

TEST(OriginPolicyTest, AStarIsRefusedUnlessDevSaysOtherwise) {
  EXPECT_EQ(
      fault_of("*"),
      "'*' is no origin to allow: it would let every web page in; list the ones that are yours");
  const OriginPolicy policy({.allowed = {"*"}, .require = false, .dev = true});
  EXPECT_TRUE(policy.allows("https://anything.example"));
  EXPECT_TRUE(policy.allows("null"));
}

TEST(OriginPolicyTest, CookiesAreAllowedOnlyToAnOriginThatAnEntryNames) {
  const OriginPolicy policy({.allowed = {"https://app.example", "https://*.wild.example",
                                         "moz-extension://*", "app://bundle"}});
  for (const char* named : {"https://app.example", "https://APP.example:443", "app://bundle"}) {
    EXPECT_TRUE(policy.allows_cookies(named)) << named;
    EXPECT_TRUE(policy.allows(named)) << named;
  }
  EXPECT_TRUE(policy.allows("https://a.wild.example"));
  for (const char* other : {"https://evil.example", "https://a.wild.example", "null", "", "*",
                            "moz-extension://9a0b", "http://app.example", "app://other"}) {
    EXPECT_FALSE(policy.allows_cookies(other)) << other;
  }
  EXPECT_TRUE(policy.allows("moz-extension://9a0b"));
  EXPECT_TRUE(OriginPolicy({.allowed = {"null"}}).allows("null"));
  EXPECT_FALSE(OriginPolicy({.allowed = {"null"}}).allows_cookies("null"));
  const OriginPolicy dev({.allowed = {"*"}, .dev = true});
  EXPECT_TRUE(dev.allows("https://evil.example"));
  EXPECT_FALSE(dev.allows_cookies("https://evil.example"));
  EXPECT_TRUE(dev.allows_cookies("http://localhost:5173"));
}

TEST(OriginPolicyTest, AFaultyEntryIsAnsweredWithWhatToWriteInstead) {
  EXPECT_NE(fault_of("app.example.com").find("write the scheme too"), std::string::npos);
  EXPECT_NE(fault_of("*.example.com").find("write the scheme too"), std::string::npos);
  EXPECT_NE(fault_of("https://app.example.com/").find("leave out the '/'"), std::string::npos);
  EXPECT_NE(fault_of("https://b\xc3\xbc"
                     "cher.example")
                .find("ASCII form"),
            std::string::npos);
  EXPECT_NE(fault_of("https://*.com").find("two labels"), std::string::npos);
  for (const auto* entry :
       {"https://app.*.com", "https://*app.example.com", "https://*.*.example.com", "https://*",
        "https://example.*", "http://localhost:*", "*://example.com", "wss://*",
        "moz-extension://*:1", "moz-extension://**"}) {
    EXPECT_NE(fault_of(entry).find("first label"), std::string::npos) << entry;
  }
  EXPECT_NE(fault_of("https://user@example.com").find("scheme, host and port only"),
            std::string::npos);
  EXPECT_NE(fault_of("file://*").find("write 'file://'"), std::string::npos);
  EXPECT_NE(fault_of(""), "");
}

}  // namespace
}  // namespace usher::auth
