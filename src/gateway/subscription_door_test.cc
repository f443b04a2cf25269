#include "gateway/subscription_door.h"

#include "auth/jwt_signer.h"
#include "limits/address_key.h"
#include "support/fake_newer_keys.h"
#include "support/gateway_fixture.h"

namespace usher::gateway {
namespace {

using namespace std::chrono_literals;
using Refusal = session::SubscriptionTokens::Refusal;
using Checked = Result<auth::SubscriptionToken, Refusal>;

class SubscriptionDoorTest : public GatewayTest {
 protected:
  SubscriptionDoorDependencies parts() {
    return {.jwt = jwt, .clock = clock, .wall_clock = wall_clock, .revocations = revocations};
  }
  Checked check(SubscriptionDoor& door, const std::string& token,
                const char* address = "192.0.2.1") {
    std::optional<Checked> checked;
    door.check(token, limits::address_key(std::string_view(address)),
               [&](Checked answer) { checked = std::move(answer); });
    EXPECT_TRUE(checked) << "no answer";
    return checked ? *checked : Checked(Refusal::invalid);
  }
  std::string subscription(std::int64_t life = 60, const std::string& more = "") {
    return auth::JwtSigner(auth::secret_key(std::string(kSecret)))
        .sign_raw(R"({"alg":"HS256"})", R"({"sub":"ada","channel":"a:1","exp":)" +
                                            std::to_string(unix_seconds(wall_clock.now()) + life) +
                                            more + "}");
  }
};

TEST_F(SubscriptionDoorTest, AGoodTokenSaysWhatItIsFor) {
  SubscriptionDoor door(parts());
  const auto token = check(door, subscription());
  ASSERT_TRUE(token);
  EXPECT_EQ(token->channel, "a:1");
  EXPECT_EQ(token->user, "ada");
}

TEST_F(SubscriptionDoorTest, AnExpiredOneIsToldFromAWrongOne) {
  SubscriptionDoor door(parts());
  const std::string token = subscription();
  advance(2h);
  EXPECT_EQ(check(door, token).error(), Refusal::expired);
  EXPECT_EQ(check(door, "x.y.z").error(), Refusal::invalid);
  EXPECT_EQ(check(door, sign(claims("s1"))).error(), Refusal::invalid);
}

TEST_F(SubscriptionDoorTest, ARevokedTokenIsRefusedAndOneThatWasIssuedLaterIsNot) {
  SubscriptionDoor door(parts());
  const auto issued_now = [&] {
    return subscription(3600, ",\"iat\":" + std::to_string(unix_seconds(wall_clock.now())));
  };
  const std::string earlier = issued_now();
  ASSERT_TRUE(check(door, earlier));
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::user, "ada", 1h, wall_clock.now()));
  EXPECT_EQ(check(door, earlier).error(), Refusal::invalid);
  EXPECT_EQ(check(door, subscription()).error(), Refusal::invalid) << "it does not say when";
  advance(2s);
  EXPECT_TRUE(check(door, issued_now()));

  const std::string named = subscription(
      3600, ",\"jti\":\"j1\",\"iat\":" + std::to_string(unix_seconds(wall_clock.now())));
  ASSERT_TRUE(check(door, named));
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::jti, "j1", 1h, wall_clock.now()));
  EXPECT_EQ(check(door, named).error(), Refusal::invalid);
}

// A forged signature may be dear to refuse. What is good costs the address nothing: behind it there
// may be many clients.
TEST_F(SubscriptionDoorTest, OnlyForgedTokensCostTheirAddress) {
  auto per_address = limiter(2, 10s);
  SubscriptionDoorDependencies with = parts();
  with.tickets_per_address = &per_address;
  SubscriptionDoor door(with);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(check(door, subscription()));
  std::string forged = subscription();
  forged[forged.rfind('.') + 1] = forged[forged.rfind('.') + 1] == 'A' ? 'B' : 'A';
  EXPECT_EQ(check(door, forged).error(), Refusal::invalid);
  EXPECT_EQ(check(door, forged).error(), Refusal::invalid);
  EXPECT_EQ(check(door, forged).error(), Refusal::too_many_requests);
  EXPECT_EQ(check(door, subscription()).error(), Refusal::too_many_requests);
  EXPECT_TRUE(check(door, subscription(), "192.0.2.9"));
  advance(11s);
  EXPECT_TRUE(check(door, subscription()));
}

}  // namespace
}  // namespace usher::gateway
