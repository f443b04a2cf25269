#include "gateway/cors.h"

#include <gtest/gtest.h>

#include <map>

namespace usher::gateway {
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
            "Authorization, Content-Type, traceparent, X-Request-ID");
  EXPECT_EQ(fields["Access-Control-Max-Age"], "7200");
  EXPECT_FALSE(fields.contains("Access-Control-Allow-Credentials"));
}

}  // namespace
}  // namespace usher::gateway
