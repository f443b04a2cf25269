#include "auth/revocations.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/seeded_entropy.h"

namespace usher::auth {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr WallTime kStart{std::chrono::seconds(kNow)};

class RevocationsTest : public testing::Test {
 protected:
  bool revoke(RevokedBy by, std::string_view name, std::chrono::seconds ttl = 1h,
              WallTime now = kStart) {
    return revocations.revoke(by, name, ttl, now).has_value();
  }
  bool is_revoked(const Bearer& bearer, WallTime now = kStart) const {
    return revocations.is_revoked(bearer, now);
  }

  test::SeededEntropy entropy;
  Revocations revocations{entropy, /*entries_max=*/3};
};

TEST_F(RevocationsTest, NobodyIsRevokedAtFirst) {
  EXPECT_FALSE(is_revoked({.session = "s", .user = "u", .jti = "j", .iat = {}}));
}

TEST_F(RevocationsTest, ASessionIsRefusedUntilItsTtlWhateverItsIat) {
  ASSERT_TRUE(revoke(RevokedBy::session, "s"));
  EXPECT_TRUE(is_revoked({.session = "s", .user = {}, .jti = {}, .iat = kNow + 60}));
  EXPECT_TRUE(is_revoked({.session = "s", .user = {}, .jti = {}, .iat = {}}, kStart + 1h - 1ms));
  EXPECT_FALSE(is_revoked({.session = "s", .user = {}, .jti = {}, .iat = {}}, kStart + 1h));
  EXPECT_FALSE(is_revoked({.session = "t", .user = "s", .jti = "s", .iat = {}}));
}

TEST_F(RevocationsTest, AJtiIsRefusedUntilItsTtl) {
  ASSERT_TRUE(revoke(RevokedBy::jti, "j"));
  EXPECT_TRUE(is_revoked({.session = "s", .user = {}, .jti = "j", .iat = kNow + 60}));
  EXPECT_FALSE(is_revoked({.session = "j", .user = "j", .jti = "k", .iat = {}}));
  EXPECT_FALSE(is_revoked({.session = "s", .user = {}, .jti = "j", .iat = {}}, kStart + 1h));
}

TEST_F(RevocationsTest, AProvidersSessionIsRefusedUntilItsTtlAndOnlyAtItsProvider) {
  ASSERT_TRUE(revoke(RevokedBy::sid, "idp\n1"));
  EXPECT_TRUE(is_revoked({.session = "s", .iat = kNow + 60, .sid = "idp\n1"}));
  EXPECT_FALSE(is_revoked({.session = "idp\n1", .user = "idp\n1", .jti = "idp\n1", .iat = {}}));
  EXPECT_FALSE(is_revoked({.session = "s", .iat = {}, .sid = "other\n1"}));
  EXPECT_FALSE(is_revoked({.session = "s", .iat = {}, .sid = "idp\n1"}, kStart + 1h));
}

TEST_F(RevocationsTest, ABearerOfANameIsWhomItsRevocationNames) {
  for (const RevokedBy by : {RevokedBy::session, RevokedBy::user, RevokedBy::jti, RevokedBy::sid}) {
    Revocations one(entropy, 1);
    ASSERT_TRUE(one.revoke(by, "name", 1h, kStart));
    EXPECT_TRUE(one.refuses(bearer_named(by, "name", kNow), kStart));
    EXPECT_FALSE(one.refuses(bearer_named(by, "other", kNow), kStart));
  }
  const Claims claims{.session = "s", .user = "u", .jti = "j", .iat = 7, .sid = "i"};
  const Bearer bearer = bearer_of(claims);
  EXPECT_EQ(bearer.session, "s");
  EXPECT_EQ(bearer.user, "u");
  EXPECT_EQ(bearer.jti, "j");
  EXPECT_EQ(bearer.iat, 7);
  EXPECT_EQ(bearer.sid, "i");
}

TEST_F(RevocationsTest, AUserIsRefusedForWhatWasIssuedNoLaterAndCanLogInAgain) {
  const WallTime at = kStart + 400ms;
  ASSERT_TRUE(revoke(RevokedBy::user, "u", 1h, at));
  const auto issued = [&](std::optional<std::int64_t> iat) {
    return is_revoked({.session = "s", .user = "u", .jti = {}, .iat = iat}, at + 10s);
  };
  EXPECT_TRUE(issued(kNow - 1));
  EXPECT_TRUE(issued(kNow));
  EXPECT_FALSE(issued(kNow + 1));
  EXPECT_TRUE(issued(std::nullopt));
  EXPECT_FALSE(is_revoked({.session = "s", .user = "v", .jti = {}, .iat = {}}, at));
}

// Another gateway's clock may be ahead, and tells whole seconds: nothing is forgotten for that.
TEST_F(RevocationsTest, ARevocationOfAnotherGatewayHoldsFromItsTimeOnAndOthersHoldTheirTime) {
  ASSERT_TRUE(revoke(RevokedBy::jti, "j", 1s));
  ASSERT_TRUE(revocations.revoke(RevokedBy::user, "u", kStart + 5s, kStart + 1h, kStart + 500ms));
  EXPECT_TRUE(is_revoked({.session = {}, .user = {}, .jti = "j", .iat = {}}, kStart + 999ms));
  const Bearer bearer{.session = {}, .user = "u", .jti = {}, .iat = kNow + 5};
  EXPECT_TRUE(is_revoked(bearer, kStart + 6s));
  EXPECT_FALSE(is_revoked({.session = {}, .user = "u", .jti = {}, .iat = kNow + 6}, kStart + 6s));
  EXPECT_TRUE(is_revoked(bearer, kStart + 1h - 1ms));
  EXPECT_FALSE(is_revoked(bearer, kStart + 1h));
}

// Its issuer's clock is behind: what it issues within that time after the revocation is refused,
// and no longer.
TEST_F(RevocationsTest, AnIssuerBehindKeepsANewLoginOutForNoLongerThanItIsBehind) {
  Revocations with_leeway(entropy, 10, 30s);
  ASSERT_TRUE(with_leeway.revoke(RevokedBy::user, "u", 1h, kStart));
  const auto login = [&](std::chrono::seconds after, std::chrono::seconds behind) {
    const WallTime at = kStart + after;
    return !with_leeway.is_revoked(
        {.session = "s", .user = "u", .jti = {}, .iat = unix_seconds(at - behind)}, at);
  };
  EXPECT_TRUE(login(1s, 0s));
  EXPECT_FALSE(login(30s, 30s));
  EXPECT_TRUE(login(31s, 30s));
}

// A token from the future gives its issuer away: what was issued before the revocation may say that
// it was issued after it.
TEST_F(RevocationsTest, AnIssuerAheadKeepsNoRevokedUserIn) {
  Revocations with_leeway(entropy, 10, 30s);
  const std::int64_t now = unix_seconds(kStart);
  const auto refused = [&](std::int64_t iat, WallTime at) {
    return with_leeway.is_revoked({.session = "s", .user = "u", .jti = {}, .iat = iat}, at);
  };
  EXPECT_FALSE(refused(now + 20, kStart));
  ASSERT_TRUE(with_leeway.revoke(RevokedBy::user, "u", 2h, kStart + 1s));
  EXPECT_EQ(with_leeway.issued_until(kStart + 1s, kStart + 1s), now + 21);
  for (const auto later : {1s, 30s, 600s}) EXPECT_TRUE(refused(now + 20, kStart + later));
  EXPECT_TRUE(refused(now + 21, kStart + 1s)) << "perhaps issued before";
  EXPECT_FALSE(refused(now + 22, kStart + 2s)) << "a new login";
  EXPECT_TRUE(refused(now + 20, kStart + Revocations::kAheadFor + 40s)) << "refused for good";
}

TEST_F(RevocationsTest, OnlyATokenTellsOfItsIssuersClock) {
  Revocations with_leeway(entropy, 3, 30s);
  const Bearer ahead{.session = {}, .user = "u", .jti = {}, .iat = kNow + 20};
  EXPECT_FALSE(with_leeway.refuses(ahead, kStart));
  EXPECT_EQ(with_leeway.issued_until(kStart, kStart), kNow);
  EXPECT_FALSE(with_leeway.is_revoked(ahead, kStart));
  EXPECT_EQ(with_leeway.issued_until(kStart, kStart), kNow + 20);
}

TEST_F(RevocationsTest, AnIssuerIsTakenToBeAheadByTheLeewayAtMost) {
  Revocations with_leeway(entropy, 10, 30s);
  const std::int64_t now = unix_seconds(kStart);
  const auto ask = [&](std::string_view user, std::int64_t iat, WallTime at) {
    return with_leeway.is_revoked({.session = "s", .user = user, .jti = {}, .iat = iat}, at);
  };
  for (const std::int64_t iat : {now + 600, std::int64_t{1} << 60})
    EXPECT_FALSE(ask("v", iat, kStart));
  ASSERT_TRUE(with_leeway.revoke(RevokedBy::user, "u", 2h, kStart));
  EXPECT_TRUE(ask("u", now + 30, kStart + 30s));
  EXPECT_FALSE(ask("u", now + 31, kStart + 31s));
}

TEST_F(RevocationsTest, ATokenThatIsFirstSeenAfterTheRevocationIsANewLogin) {
  Revocations with_leeway(entropy, 10, 30s);
  ASSERT_TRUE(with_leeway.revoke(RevokedBy::user, "u", 1h, kStart));
  const Bearer ahead{.session = "s", .user = "u", .jti = {}, .iat = kNow + 2};
  EXPECT_FALSE(with_leeway.is_revoked(ahead, kStart + 100ms));
}

TEST_F(RevocationsTest, RevokingAgainNeverShortensWhatWasSaidBefore) {
  ASSERT_TRUE(revoke(RevokedBy::session, "s", 1h));
  ASSERT_TRUE(revoke(RevokedBy::session, "s", 1s));
  EXPECT_TRUE(is_revoked({.session = "s", .user = {}, .jti = {}, .iat = {}}, kStart + 59min));
  ASSERT_TRUE(revoke(RevokedBy::session, "s", 1h, kStart + 30min));
  EXPECT_TRUE(is_revoked({.session = "s", .user = {}, .jti = {}, .iat = {}}, kStart + 89min));
  EXPECT_EQ(revocations.size(), 1u);
}

TEST_F(RevocationsTest, ASecondRevocationOfAUserCoversWhatWasIssuedSinceTheFirst) {
  ASSERT_TRUE(revoke(RevokedBy::user, "u"));
  ASSERT_TRUE(revoke(RevokedBy::user, "u", 1h, kStart + 10s));
  EXPECT_TRUE(is_revoked({.session = "s", .user = "u", .jti = {}, .iat = kNow + 10}));
}

TEST_F(RevocationsTest, WhenItIsFullItSaysSoAndForgetsNothingEarly) {
  ASSERT_TRUE(revoke(RevokedBy::session, "a") && revoke(RevokedBy::session, "b") &&
              revoke(RevokedBy::session, "c", 10s));
  EXPECT_FALSE(revoke(RevokedBy::session, "d"));
  EXPECT_TRUE(revoke(RevokedBy::session, "a", 2h));
  EXPECT_TRUE(is_revoked({.session = "c", .user = {}, .jti = {}, .iat = {}}));
  EXPECT_TRUE(revoke(RevokedBy::session, "d", 1h, kStart + 10s));
  EXPECT_EQ(revocations.size(), 3u);
}

TEST_F(RevocationsTest, EmptyNamesAreNobody) {
  ASSERT_TRUE(revoke(RevokedBy::session, "s"));
  EXPECT_FALSE(is_revoked({}));
}

TEST_F(RevocationsTest, ReadersAndWritersShareIt) {
  Revocations shared(entropy, 1000);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i)
        shared.is_revoked({.session = "7", .user = {}, .jti = {}, .iat = {}}, kStart);
    });
  }
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(shared.revoke(RevokedBy::session, std::to_string(i), 1h, kStart));
  }
  threads.clear();
  EXPECT_TRUE(shared.is_revoked({.session = "7", .user = {}, .jti = {}, .iat = {}}, kStart));
}

}  // namespace
}  // namespace usher::auth
