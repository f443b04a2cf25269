#include "auth/guest_tokens.h"

#include <gtest/gtest.h>

#include "auth/jwt_test_keys.h"
#include "auth/jwt_verifier.h"
#include "support/print_result.h"
#include "support/seeded_entropy.h"

namespace usher::auth {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kStart{std::chrono::seconds(1'800'000'000)};
constexpr GuestOptions kOptions{.token_ttl = 1h, .renewal_window = 10h, .session_max = 24h};

class GuestTokensTest : public testing::Test {
 protected:
  Claims verified(const GuestToken& guest, WallTime now) const {
    const auto claims = verifier.verify(guest.token, now);
    EXPECT_TRUE(claims);
    return claims ? *claims : Claims{};
  }

  test::SeededEntropy entropy;
  const Key key = secret_key(test::kSecret);
  const GuestTokens guests{kOptions, key, entropy};
  const JwtVerifier verifier{{.issuer = "https://id.example", .audience = {"usher"}},
                             KeySet({secret_key(test::kOtherSecret)}),
                             KeySet({key})};
};

TEST_F(GuestTokensTest, ANewGuestIsASessionAndNothingElse) {
  const GuestToken guest = guests.issue(kStart + 999ms);
  EXPECT_EQ(guest.expires_in, 1h);
  ASSERT_EQ(guest.session.size(), 37u);
  EXPECT_TRUE(guest.session.starts_with("sess_"));
  EXPECT_EQ(guest.session.find_first_not_of("0123456789abcdef", 5), std::string::npos);

  const Claims claims = verified(guest, kStart);
  EXPECT_EQ(claims.session, guest.session);
  EXPECT_EQ(claims.user, "");
  EXPECT_EQ(claims.jti.size(), 32u);
  EXPECT_EQ(claims.iat, 1'800'000'000);
  EXPECT_EQ(claims.exp, 1'800'003'600);
  EXPECT_EQ(claims.born, 1'800'000'000);
  EXPECT_TRUE(claims.guest);
  EXPECT_TRUE(claims.channels.empty());
}

TEST_F(GuestTokensTest, EachGuestHasItsOwnSessionAndJti) {
  const GuestToken a = guests.issue(kStart);
  const GuestToken b = guests.issue(kStart);
  EXPECT_NE(a.session, b.session);
  EXPECT_NE(verified(a, kStart).jti, verified(b, kStart).jti);
}

TEST_F(GuestTokensTest, RenewalKeepsSessionAndBirthAndChangesTheRest) {
  const GuestToken first = guests.issue(kStart);
  const Claims before = verified(first, kStart);
  const auto second = guests.renew(before, kStart + 30min);
  ASSERT_TRUE(second);
  const Claims after = verified(*second, kStart + 30min);
  EXPECT_EQ(after.session, before.session);
  EXPECT_EQ(after.born, before.born);
  EXPECT_EQ(after.iat, *before.iat + 1800);
  EXPECT_EQ(after.exp, before.exp + 1800);
  EXPECT_NE(after.jti, before.jti);
}

TEST_F(GuestTokensTest, AnExpiredTokenIsRenewedWithinTheWindow) {
  const GuestToken guest = guests.issue(kStart);
  const WallTime expiry = kStart + 1h;
  EXPECT_EQ(verifier.verify(guest.token, expiry + 30s).error(), TokenError::expired);
  const auto within = [&](WallTime now) {
    return verifier.verify_expired_within(guest.token, now, guests.renewal_window());
  };
  ASSERT_TRUE(within(expiry + 10h - 1ms));
  EXPECT_TRUE(guests.renew(*within(expiry + 10h - 1ms), expiry + 10h - 1ms));
  EXPECT_EQ(within(expiry + 10h).error(), TokenError::expired);
}

TEST_F(GuestTokensTest, NoChainOfRenewalsOutlivesTheSessionsMaximum) {
  GuestToken guest = guests.issue(kStart);
  WallTime now = kStart;
  for (; now < kStart + 24h; now += 45min) {
    const auto renewed = guests.renew(verified(guest, now), now);
    ASSERT_TRUE(renewed);
    guest = *renewed;
    EXPECT_LE(verified(guest, now).exp, 1'800'000'000 + 24 * 3600);
    EXPECT_EQ(now + guest.expires_in, std::min(now + 1h, kStart + 24h));
  }
  const Claims last = verified(guest, kStart + 24h);
  EXPECT_TRUE(guests.renew(last, kStart + 24h - 1s));
  EXPECT_EQ(guests.renew(last, kStart + 24h).error(), TokenError::expired);
}

TEST_F(GuestTokensTest, OnlyGuestsAreRenewed) {
  const Claims user{.session = "s", .user = "ada", .iat = 1'800'000'000, .exp = 1'800'003'600};
  EXPECT_EQ(guests.renew(user, kStart).error(), TokenError::not_a_guest);
}

TEST_F(GuestTokensTest, AGuestWithoutABirthCountsFromItsIssue) {
  Claims claims{.session = "s", .iat = 1'800'000'000, .exp = 1'800'003'600, .guest = true};
  EXPECT_EQ(verified(*guests.renew(claims, kStart + 1h), kStart + 1h).born, 1'800'000'000);
  claims.iat.reset();
  EXPECT_EQ(guests.renew(claims, kStart).error(), TokenError::claim_malformed);
}

TEST_F(GuestTokensTest, SigningNeedsAKeyThatCan) {
  EXPECT_THROW(GuestTokens(kOptions, test::verifying_key(Algorithm::es256), entropy), KeyError);
}

}  // namespace
}  // namespace usher::auth
