#include "client_net/guest_token_provider.h"

#include <gtest/gtest.h>

namespace usher::client_net {
namespace {

using namespace std::chrono_literals;

// The test plays the gateway: asked() tells the Bearer of the call, answer() answers it.
class GuestTokenProviderTest : public testing::Test {
 protected:
  GuestTokenProviderTest()
      : provider(
            TokenFile("", "https://gw"),
            [this](std::optional<std::string> bearer, std::function<void(HttpAnswer)> done) {
              ++calls;
              asked = bearer.value_or("nobody");
              pending = std::move(done);
              return [this] { pending = nullptr; };
            },
            [this] { return now; }) {}

  void fetch(Freshness wanted = Freshness::any) {
    given.reset();
    provider.fetch(wanted, [this](TokenAnswer answer) { given = std::move(answer); });
  }
  void answer(int status, std::string body = "{}") {
    ASSERT_TRUE(pending);
    std::exchange(pending, nullptr)(
        {.status = status, .body = std::move(body), .retry_after = {}, .detail = {}});
  }
  void answer_token(const std::string& token) {
    answer(200, R"({"token":")" + token + R"(","session_id":"s","expires_in":1000})");
  }
  void fetch_first(const std::string& token) {
    fetch();
    answer_token(token);
  }
  std::string token() const {
    const auto* fetched = given ? std::get_if<FetchedToken>(&*given) : nullptr;
    return fetched ? fetched->token + (fetched->cached ? " cached" : " new") : "none";
  }
  std::optional<int> status() const {
    const auto* failure = given ? std::get_if<client::HttpFailure>(&*given) : nullptr;
    return failure ? failure->status : std::nullopt;
  }

  client::Instant now{1'800'000'000'000ms};
  int calls = 0;
  std::string asked;
  std::function<void(HttpAnswer)> pending;
  std::optional<TokenAnswer> given;
  GuestTokenProvider provider;
};

TEST_F(GuestTokenProviderTest, BecomesAGuestOnceAndStaysIt) {
  fetch_first("T1");
  EXPECT_EQ(asked, "nobody");
  EXPECT_EQ(token(), "T1 new");
  now += 500s - 1ms;
  fetch();
  EXPECT_EQ(token(), "T1 cached");
  EXPECT_EQ(calls, 1);
}

TEST_F(GuestTokenProviderTest, RenewsAfterHalfOfItsLifeWithItsOwnBearer) {
  fetch_first("T1");
  now += 500s;
  fetch();
  EXPECT_EQ(asked, "T1");
  answer_token("T2");
  EXPECT_EQ(token(), "T2 new");
}

TEST_F(GuestTokenProviderTest, RenewsAnExpiredOneTheSameWay) {
  fetch_first("T1");
  now += 100h;
  fetch();
  EXPECT_EQ(asked, "T1");
}

TEST_F(GuestTokenProviderTest, WhileRenewingFailsSoftlyAGoodTokenServesOnAndAnExpiredOneDoesNot) {
  fetch_first("T1");
  now += 999s;
  fetch();
  answer(503);
  EXPECT_EQ(token(), "T1 cached");
  now += 1s;
  fetch();
  answer(503);
  EXPECT_EQ(status(), 503);
}

TEST_F(GuestTokenProviderTest, ARefusedRenewalIsReportedAndThenANewGuestIsMade) {
  fetch_first("T1");
  now += 500s;
  fetch();
  answer(401, R"({"code":"SESSION_REVOKED"})");
  EXPECT_EQ(status(), 401);
  fetch(Freshness::fresh);
  EXPECT_EQ(asked, "nobody");
}

TEST_F(GuestTokenProviderTest, AFreshTokenIsFirstOfAllTheSameGuests) {
  fetch_first("T1");
  fetch(Freshness::fresh);
  EXPECT_EQ(asked, "T1");
  answer(401, R"({"code":"TOKEN_EXPIRED"})");
  EXPECT_EQ(asked, "nobody");
  answer_token("T2");
  EXPECT_EQ(token(), "T2 new");
  EXPECT_EQ(calls, 3);
}

TEST_F(GuestTokenProviderTest, ARefusedTokenIsForgotten) {
  fetch_first("T1");
  provider.refused("T0");
  fetch();
  EXPECT_EQ(token(), "T1 cached");
  provider.refused("T1");
  fetch();
  EXPECT_EQ(asked, "nobody");
}

TEST_F(GuestTokenProviderTest, ACancelledFetchIsNotAnswered) {
  fetch();
  EXPECT_TRUE(provider.cancel());
  EXPECT_FALSE(pending);
  EXPECT_FALSE(given);
  fetch_first("T1");
  EXPECT_EQ(token(), "T1 new");
}

TEST_F(GuestTokenProviderTest, AHardRefusalOfARenewalIsHard) {
  fetch_first("T1");
  now += 500s;
  fetch();
  answer(403, R"({"code":"GUESTS_DISABLED"})");
  EXPECT_EQ(status(), 403);
}

TEST_F(GuestTokenProviderTest, ARenewedTokenIsThatOfTheSameGuestOrNone) {
  fetch_first("T1");
  fetch(Freshness::renewed);
  EXPECT_EQ(asked, "T1");
  answer_token("T2");
  EXPECT_EQ(token(), "T2 new");
  fetch(Freshness::renewed);
  answer(503);
  EXPECT_EQ(token(), "none");
  EXPECT_EQ(status(), 503);
  fetch(Freshness::renewed);
  EXPECT_EQ(asked, "T2");
  answer(401, R"({"code":"SESSION_REVOKED"})");
  EXPECT_EQ(status(), 401);
  EXPECT_FALSE(pending) << "no new guest";
  fetch(Freshness::fresh);
  EXPECT_EQ(asked, "nobody");
}

}  // namespace
}  // namespace usher::client_net
