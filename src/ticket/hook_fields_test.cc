#include "ticket/hook_fields.h"

#include <gtest/gtest.h>

namespace usher::ticket {
namespace {

HookFields fields_of(std::vector<wire::HttpField> fields, std::vector<std::string> more = {}) {
  wire::HttpRequest request;
  request.fields = std::move(fields);
  return hook_fields(request, more);
}

TEST(HookFieldsTest, CookieAndAuthorizationGoAlongAndNothingElseUnlessNamed) {
  const std::vector<wire::HttpField> all = {{"Authorization", "Basic x"},
                                            {"X-Tenant", "acme"},
                                            {"COOKIE", "a=1"},
                                            {"Host", "gw.example"},
                                            {"Origin", "https://app.example"}};
  EXPECT_EQ(fields_of(all), (HookFields{{"cookie", "a=1"}, {"authorization", "Basic x"}}));
  EXPECT_EQ(fields_of(all, {"x-TENANT", "X-None"}),
            (HookFields{{"cookie", "a=1"}, {"authorization", "Basic x"}, {"x-tenant", "acme"}}));
  EXPECT_EQ(fields_of({}), HookFields());
}

TEST(HookFieldsTest, SeveralFieldsOfAKindBecomeOne) {
  EXPECT_EQ(fields_of({{"Cookie", "a=1; b=2"}, {"cookie", "c=3"}, {"Cookie", ""}}),
            (HookFields{{"cookie", "a=1; b=2; c=3"}}));
  EXPECT_EQ(fields_of({{"x-tenant", "a"}, {"X-Tenant", "b"}}, {"X-Tenant"}),
            (HookFields{{"x-tenant", "a, b"}}));
  EXPECT_EQ(fields_of({{"Cookie", ""}, {"Authorization", ""}}), HookFields());
}

TEST(HookFieldsTest, ValuesAreNotChanged) {
  const std::string odd = "s=\"a,b\"; t=\xE2\x82\xAC\xFF\x80; =x; ;;%00\t\\";
  EXPECT_EQ(fields_of({{"Cookie", odd}}), (HookFields{{"cookie", odd}}));
}

TEST(HookFieldsTest, NamesThatMustNotBePassedOnAreRefusedInAnySpelling) {
  for (const char* name : {"",
                           "a b",
                           "x:",
                           "x\n",
                           "Cookie",
                           "authorization",
                           "Origin",
                           "Host",
                           "HOST",
                           "Connection",
                           "Keep-Alive",
                           "TE",
                           "Trailer",
                           "Transfer-Encoding",
                           "transfer_encoding",
                           "Upgrade",
                           "Proxy-Authorization",
                           "Content-Length",
                           "content_length",
                           "Content-Type",
                           "Expect",
                           "ce-id",
                           "CE_ID",
                           "ce-anything",
                           "X-Usher-Signature",
                           "x_usher_signature",
                           "X-Forwarded-For",
                           "X_Forwarded_For",
                           "Forwarded",
                           "X-Real-IP",
                           "Accept"}) {
    EXPECT_NE(why_not_forwarded(name), "") << name;
  }
  EXPECT_NE(why_not_forwarded(std::string(kHookHeaderBytesMax + 1, 'x')), "");
  EXPECT_EQ(why_not_forwarded(std::string(kHookHeaderBytesMax, 'x')), "");
  for (const char* name : {"X-Tenant", "X-CSRFToken", "User-Agent", "Accept-Language",
                           "X-Request-ID", "traceparent", "Sec-Fetch-Site"}) {
    EXPECT_EQ(why_not_forwarded(name), "") << name;
  }
}

}  // namespace
}  // namespace usher::ticket
