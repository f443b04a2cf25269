#include "http/bearer.h"

#include <gtest/gtest.h>

namespace usher::http {
namespace {

BearerToken read(std::string_view value) {
  wire::HttpRequest request;
  request.fields.push_back({"Authorization", value});
  return read_bearer(request);
}

TEST(BearerTest, TokenFollowsItsSchemeAfterOneOrMoreSpaces) {
  for (const char* value :
       {"Bearer a.b-c_d~e+f/g==", "bearer a.b-c_d~e+f/g==", "BEARER   a.b-c_d~e+f/g=="}) {
    const auto bearer = read(value);
    EXPECT_EQ(bearer.state, BearerState::present) << value;
    EXPECT_EQ(bearer.token, "a.b-c_d~e+f/g==");
  }
}

TEST(BearerTest, AbsentIsNotMalformed) {
  EXPECT_EQ(read_bearer({}).state, BearerState::absent);
  EXPECT_EQ(read("").state, BearerState::malformed);
}

TEST(BearerTest, AnythingElseIsMalformed) {
  for (const char* value :
       {"Bearer", "Bearer ", "Bearer  ", "Bearera", "Basic YTpi", "Bearer a b", "Bearer a,b",
        "Bearer ==", "Bearer a=b", "Bearer \"a\"", "Bearer\ta", " Bearer a", "Token a"}) {
    EXPECT_EQ(read(value).state, BearerState::malformed) << value;
  }
}

TEST(BearerTest, CredentialOfAnotherSchemeIsAnyOneWord) {
  EXPECT_EQ(credential_of("apikey k!$%", "apikey"), "k!$%");
  EXPECT_EQ(credential_of("ApiKey k", "apikey"), "k");
  EXPECT_EQ(credential_of("apikey", "apikey"), std::nullopt);
  EXPECT_EQ(credential_of("apikey ", "apikey"), std::nullopt);
  EXPECT_EQ(credential_of("apikey a b", "apikey"), std::nullopt);
}

}  // namespace
}  // namespace usher::http
