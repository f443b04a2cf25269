#include "http/problem.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace usher::http {
namespace {

using namespace std::chrono_literals;

std::string field(const wire::HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.fields) {
    if (key == name) return value;
  }
  return "(none)";
}

struct Row {
  Problem problem;
  int status;
  const char* code;
};

// The error table of contract section 1; its codes are what clients act upon.
constexpr Row kContract[] = {
    {Problem::bad_request, 400, "BAD_REQUEST"},
    {Problem::missing_auth, 401, "MISSING_AUTH"},
    {Problem::invalid_token, 401, "INVALID_TOKEN"},
    {Problem::token_expired, 401, "TOKEN_EXPIRED"},
    {Problem::missing_session, 401, "MISSING_SESSION"},
    {Problem::session_revoked, 401, "SESSION_REVOKED"},
    {Problem::not_authorized, 401, "NOT_AUTHORIZED"},
    {Problem::ticket_expired, 401, "TICKET_EXPIRED"},
    {Problem::origin_blocked, 403, "ORIGIN_BLOCKED"},
    {Problem::guests_disabled, 403, "GUESTS_DISABLED"},
    {Problem::not_found, 404, "NOT_FOUND"},
    {Problem::method_not_allowed, 405, "METHOD_NOT_ALLOWED"},
    {Problem::too_large, 413, "TOO_LARGE"},
    {Problem::headers_too_large, 431, "HEADERS_TOO_LARGE"},
    {Problem::rate_limited, 429, "RATE_LIMITED"},
    {Problem::store_unavailable, 503, "STORE_UNAVAILABLE"},
    {Problem::overloaded, 503, "OVERLOADED"},
    {Problem::draining, 503, "DRAINING"},
    {Problem::version_not_supported, 505, "VERSION_NOT_SUPPORTED"},
};

TEST(ProblemTest, EveryRowOfTheContractHasItsStatusAndCode) {
  for (const Row& expected : kContract) {
    EXPECT_EQ(row(expected.problem).status.value(), expected.status) << expected.code;
    EXPECT_EQ(row(expected.problem).code, expected.code);
  }
}

TEST(ProblemTest, EveryProblemHasItsOwnCodeAndASentence) {
  std::set<std::string_view> codes;
  for (std::size_t i = 0; i < kProblemCount; ++i) {
    const ProblemRow& r = row(static_cast<Problem>(i));
    EXPECT_TRUE(codes.insert(r.code).second) << r.code;
    EXPECT_TRUE(r.detail.ends_with('.')) << r.code;
    EXPECT_EQ(r.detail.find_first_of("\"\\"), std::string_view::npos) << r.code;
  }
}

TEST(ProblemTest, BodyHoldsWhatRfc9457AndTheContractName) {
  const auto response = make_problem(Problem::origin_blocked, {"Not you.", "abc", {}});
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(field(response, "Content-Type"), "application/problem+json");
  EXPECT_EQ(field(response, "Cache-Control"), "no-store");
  EXPECT_EQ(field(response, "X-Request-ID"), "abc");
  EXPECT_EQ(
      response.body,
      R"({"title":"Forbidden","status":403,"detail":"Not you.","code":"ORIGIN_BLOCKED","trace_id":"abc"})");
}

TEST(ProblemTest, RetryAfterIsWholeSecondsRoundedUpAndMillisecondsInTheBody) {
  const auto response = make_problem(Problem::rate_limited, {{}, "t", 1201ms});
  EXPECT_EQ(field(response, "Retry-After"), "2");
  EXPECT_NE(response.body.find(R"("retry_after_ms":1201)"), std::string::npos);
  EXPECT_EQ(field(make_problem(Problem::rate_limited, {{}, "t", 2000ms}), "Retry-After"), "2");
}

TEST(ProblemTest, APlaceInAQueueIsSaidBesideItsTimeOnly) {
  EXPECT_NE(make_problem(Problem::overloaded, {{}, "t", 1201ms, true})
                .body.find(R"("retry_after_ms":1201,"place":true})"),
            std::string::npos);
  EXPECT_EQ(make_problem(Problem::overloaded, {{}, "t", 1201ms}).body.find("place"),
            std::string::npos);
}

TEST(ProblemTest, WithoutADelayThereIsNoRetryAfter) {
  const auto response = make_problem(Problem::bad_request, {});
  EXPECT_EQ(field(response, "Retry-After"), "(none)");
  EXPECT_EQ(response.body.find("retry_after_ms"), std::string::npos);
}

TEST(ProblemTest, EveryUnauthorizedCarriesAChallenge) {
  for (const Row& expected : kContract) {
    const auto challenge = field(make_problem(expected.problem, {}), "WWW-Authenticate");
    if (expected.status == 401) {
      EXPECT_TRUE(challenge.starts_with("Bearer error=\"") || challenge == "ticket")
          << expected.code << ' ' << challenge;
    } else {
      EXPECT_EQ(challenge, "(none)") << expected.code;
    }
  }
}

TEST(ProblemTest, ConnectionEndsWhereItsRestCannotBeTrusted) {
  EXPECT_TRUE(make_problem(Problem::bad_request, {}).close);
  EXPECT_TRUE(make_problem(Problem::too_large, {}).close);
  EXPECT_TRUE(make_problem(Problem::headers_too_large, {}).close);
  EXPECT_TRUE(make_problem(Problem::upgrade_required, {}).close);
  EXPECT_FALSE(make_problem(Problem::invalid_token, {}).close);
  EXPECT_FALSE(make_problem(Problem::rate_limited, {}).close);
}

TEST(ProblemTest, UpgradeRequiredNamesProtocolAndVersion) {
  const auto response = make_problem(Problem::upgrade_required, {});
  EXPECT_EQ(response.status, 426);
  EXPECT_EQ(field(response, "Upgrade"), "websocket");
  EXPECT_EQ(field(response, "Sec-WebSocket-Version"), "13");
}

}  // namespace
}  // namespace usher::http
