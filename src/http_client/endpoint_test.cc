#include "http_client/endpoint.h"

#include <gtest/gtest.h>

namespace usher::http_client {
namespace {

Endpoint endpoint(std::string_view url) {
  const auto parsed = parse_url(url);
  EXPECT_TRUE(parsed) << url;
  return parsed ? *parsed : Endpoint{};
}

TEST(EndpointTest, TakesTheSchemesPortWhereNoneIsGiven) {
  EXPECT_EQ(endpoint("http://gw.example").port, "80");
  EXPECT_EQ(endpoint("wss://gw.example/ws").port, "443");
  EXPECT_EQ(endpoint("https://gw.example:/").port, "443");
  EXPECT_FALSE(endpoint("ws://gw.example").tls);
  EXPECT_TRUE(endpoint("HTTPS://gw.example").tls);
}

TEST(EndpointTest, HostNamesThePortOnlyWhereItIsUnusual) {
  EXPECT_EQ(endpoint("http://gw.example:80").authority, "gw.example");
  EXPECT_EQ(endpoint("http://GW.example:8080").authority, "gw.example:8080");
  EXPECT_EQ(endpoint("https://[::1]:8443/x").authority, "[::1]:8443");
  EXPECT_EQ(endpoint("https://[::1]/x").host, "::1");
}

TEST(EndpointTest, TheTargetIsPathAndQueryAndAtLeastASlash) {
  EXPECT_EQ(endpoint("http://gw.example").target, "/");
  EXPECT_EQ(endpoint("http://gw.example?x=1").target, "/?x=1");
  EXPECT_EQ(endpoint("http://gw.example/a/ws?ticket=1#top").target, "/a/ws?ticket=1");
}

TEST(EndpointTest, AddressesAreKnownFromNames) {
  EXPECT_TRUE(is_address(endpoint("http://127.0.0.1").host));
  EXPECT_TRUE(is_address(endpoint("http://[::1]").host));
  EXPECT_FALSE(is_address(endpoint("http://1.example").host));
}

TEST(EndpointTest, WhatIsNoUrlOfOursIsRefused) {
  for (const char* url : {"", "gw.example", "http:/gw", "http://", "http:///x", "http://gw:x",
                          "http://gw:65536", "http://gw:123456", "http://[::1", "http://[::1]x",
                          "http://g w", "http://gw\r\nX: y", "http://\xC3\xA9.example"}) {
    EXPECT_EQ(parse_url(url).error(), UrlError::malformed) << url;
  }
  EXPECT_EQ(parse_url("ftp://gw").error(), UrlError::scheme_unknown);
  EXPECT_EQ(parse_url("http://user:secret@gw").error(), UrlError::holds_credentials);
}

}  // namespace
}  // namespace usher::http_client
