#include "http/cors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace usher::http {
namespace {

using Fields = std::map<std::string, std::string>;

Fields fields_of(const wire::HttpResponse& response) {
  return {response.fields.begin(), response.fields.end()};
}

TEST(CorsTest, OriginIsEchoedExactlyAndCachesAreTold) {
  for (const char* origin : {"https://app.example", "null", "https://evil.example"}) {
    wire::HttpResponse response;
    add_cors(response, origin);
    EXPECT_EQ(fields_of(response), (Fields{{"Vary", "Origin"},
                                           {"Access-Control-Allow-Origin", origin},
                                           {"Access-Control-Expose-Headers", "Retry-After"}}));
  }
}

TEST(CorsTest, WithoutAnOriginNobodyIsAllowedButCachesAreTold) {
  wire::HttpResponse response;
  add_cors(response, std::nullopt);
  EXPECT_EQ(fields_of(response), (Fields{{"Vary", "Origin"}}));
}

TEST(CorsTest, PreflightNamesMethodsAndHeadersAndNeverCredentials) {
  const auto response = make_preflight("POST");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  auto fields = fields_of(response);
  EXPECT_EQ(fields["Access-Control-Allow-Methods"], "POST");
  EXPECT_EQ(fields["Access-Control-Allow-Headers"],
            "Authorization, Content-Type, X-Request-ID, X-Requested-With, traceparent, tracestate, "
            "baggage, sentry-trace, newrelic");
  EXPECT_EQ(fields["Access-Control-Max-Age"], "7200");
  EXPECT_FALSE(fields.contains("Access-Control-Allow-Credentials"));
}

std::string allowed_headers(std::string_view asked, const std::vector<std::string>& more) {
  const std::string list =
      fields_of(make_preflight("POST", asked, more))["Access-Control-Allow-Headers"];
  return list.substr(list.find("newrelic") + 8);
}

TEST(CorsTest, HeadersOfAFamilyAreAllowedByName) {
  EXPECT_EQ(allowed_headers("authorization, X-Datadog-Trace-Id,x-datadog-tags ,x-data", {}),
            ", X-Datadog-Trace-Id, x-datadog-tags");
  EXPECT_EQ(allowed_headers("x-acme-a,x-acme,x-other", {"X-Acme-*", "x-mine"}),
            ", x-acme-a, x-mine");
}

TEST(CorsTest, WhatIsNoNameIsNotEchoed) {
  EXPECT_EQ(allowed_headers("x-datadog-a b,x-datadog-\xC3\xA9,x-datadog-(,,", {}), "");
}

TEST(CorsTest, OnlySoManyNamesAreLookedAt) {
  std::string asked;
  for (int i = 0; i < 100; ++i) asked += "x-datadog-a,";
  const std::string allowed = allowed_headers(asked, {});
  EXPECT_EQ(std::count(allowed.begin(), allowed.end(), ','), 32);
}

TEST(CorsTest, PatternsAreNamesOrTheirBeginnings) {
  for (const char* good : {"x-a", "X-A-*", "newrelic"}) EXPECT_TRUE(is_header_pattern(good));
  for (const char* bad : {"", "*", "x *", "a,b", "x-*-y", "caf\xC3\xA9", "a:b"}) {
    EXPECT_FALSE(is_header_pattern(bad)) << bad;
  }
}

}  // namespace
}  // namespace usher::http
