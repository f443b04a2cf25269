#include "gateway/jwt_door.h"

#include "gateway/fake_newer_keys.h"
#include "gateway/gateway_fixture.h"

namespace usher::gateway {
namespace {

using namespace std::chrono_literals;

class JwtDoorTest : public GatewayTest {};

TEST_F(JwtDoorTest, GoodTokenGivesItsClaimsAndCostsOneTicketOfItsSession) {
  auto per_session = limiter(1, 10s);
  JwtDoor door(jwt, &per_session, wall_clock);
  const auto claimed = door.admit(sign(claims("s1")), clock.now());
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->session, "s1");
  EXPECT_EQ(door.admit(sign(claims("s1")), clock.now()).error(),
            session::TokenDoor::Refusal::too_many_requests);
  EXPECT_TRUE(door.admit(sign(claims("s2")), clock.now()));
}

TEST_F(JwtDoorTest, BadTokensCostNothing) {
  auto per_session = limiter(1, 10s);
  JwtDoor door(jwt, &per_session, wall_clock);
  EXPECT_EQ(door.admit("x.y.z", clock.now()).error(), session::TokenDoor::Refusal::invalid);
  EXPECT_EQ(door.admit(sign(claims("")), clock.now()).error(),
            session::TokenDoor::Refusal::invalid);
  const auto token = sign(claims("s1"));
  advance(2h);
  EXPECT_EQ(door.admit(token, clock.now()).error(), session::TokenDoor::Refusal::expired);
  EXPECT_TRUE(door.admit(sign(claims("s1")), clock.now()));
}

TEST_F(JwtDoorTest, AnUnknownKeyIsAskedForAndTheSdkComesAgain) {
  FakeNewerKeys newer;
  jwt.set(FakeNewerKeys::verifier("old"));
  JwtDoor door(jwt, nullptr, wall_clock, &newer);
  EXPECT_TRUE(door.admit(FakeNewerKeys::sign(claims("s1"), "old"), clock.now()));
  EXPECT_EQ(door.admit(FakeNewerKeys::sign(claims("s1"), "new"), clock.now()).error(),
            session::TokenDoor::Refusal::expired);
  EXPECT_EQ(newer.waiting.size(), 1u);
  EXPECT_EQ(door.admit("x.y.z", clock.now()).error(), session::TokenDoor::Refusal::invalid);
  EXPECT_EQ(newer.waiting.size(), 1u);
}

TEST_F(JwtDoorTest, WithoutALimitNobodyIsCounted) {
  JwtDoor door(jwt, nullptr, wall_clock);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(door.admit(sign(claims("s1")), clock.now()));
}

}  // namespace
}  // namespace usher::gateway
