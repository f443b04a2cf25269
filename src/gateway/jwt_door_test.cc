#include "gateway/jwt_door.h"

#include "limits/address_key.h"
#include "support/fake_newer_keys.h"
#include "support/gateway_fixture.h"

namespace usher::gateway {
namespace {

using namespace std::chrono_literals;
using Refusal = session::TokenDoor::Refusal;
using Admitted = Result<auth::Claims, Refusal>;

class JwtDoorTest : public GatewayTest {
 protected:
  JwtDoorDependencies parts() { return {.jwt = jwt, .clock = clock, .wall_clock = wall_clock}; }

  // Nothing where the door has not answered yet (see `admitted_`).
  void show(JwtDoor& door, const std::string& token, const char* address = "192.0.2.1") {
    admitted_.reset();
    door.admit(token, limits::address_key(std::string_view(address)),
               [this](Admitted answer) { admitted_ = std::move(answer); });
  }
  Admitted admit(JwtDoor& door, const std::string& token, const char* address = "192.0.2.1") {
    show(door, token, address);
    EXPECT_TRUE(admitted_) << "no answer";
    return admitted_ ? *admitted_ : Admitted(Refusal::invalid);
  }

  std::optional<Admitted> admitted_;
};

TEST_F(JwtDoorTest, GoodTokenGivesItsClaimsAndCostsOneTicketOfItsSession) {
  auto per_session = limiter(1, 10s);
  JwtDoorDependencies with = parts();
  with.tickets_per_session = &per_session;
  JwtDoor door(with);
  const auto claimed = admit(door, sign(claims("s1")));
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->session, "s1");
  EXPECT_EQ(admit(door, sign(claims("s1"))).error(), Refusal::too_many_requests);
  EXPECT_TRUE(admit(door, sign(claims("s2"))));
}

TEST_F(JwtDoorTest, BadTokensCostTheirSessionNothing) {
  auto per_session = limiter(1, 10s);
  JwtDoorDependencies with = parts();
  with.tickets_per_session = &per_session;
  JwtDoor door(with);
  EXPECT_EQ(admit(door, "x.y.z").error(), Refusal::invalid);
  EXPECT_EQ(admit(door, sign(claims(""))).error(), Refusal::invalid);
  const auto token = sign(claims("s1"));
  advance(2h);
  EXPECT_EQ(admit(door, token).error(), Refusal::expired);
  EXPECT_TRUE(admit(door, sign(claims("s1"))));
}

// A forged signature may be dear to refuse: so it is paid for before it is looked at.
TEST_F(JwtDoorTest, EachTokenCostsItsAddressGoodOrBad) {
  auto per_address = limiter(2, 10s);
  JwtDoorDependencies with = parts();
  with.tickets_per_address = &per_address;
  JwtDoor door(with);
  EXPECT_EQ(admit(door, "x.y.z").error(), Refusal::invalid);
  EXPECT_TRUE(admit(door, sign(claims("s1"))));
  EXPECT_EQ(admit(door, "x.y.z").error(), Refusal::too_many_requests);
  EXPECT_EQ(admit(door, sign(claims("s1"))).error(), Refusal::too_many_requests);
  EXPECT_TRUE(admit(door, sign(claims("s1")), "192.0.2.2"));
  advance(5s);
  EXPECT_TRUE(admit(door, sign(claims("s1"))));
}

TEST_F(JwtDoorTest, AddressesShareTheirTurnsWithTheTicketCall) {
  auto per_address = limiter(2, 10s);
  dependencies.tickets_per_address = &per_address;
  JwtDoorDependencies with = parts();
  with.tickets_per_address = &per_address;
  JwtDoor door(with);
  EXPECT_EQ(ask_ticket(sign(claims("s1"))).status, 200);
  EXPECT_TRUE(admit(door, sign(claims("s1"))));
  EXPECT_EQ(ask_ticket(sign(claims("s1"))).status, 429);
  EXPECT_EQ(admit(door, sign(claims("s1"))).error(), Refusal::too_many_requests);
}

class JwtDoorKeysTest : public JwtDoorTest {
 protected:
  JwtDoorKeysTest() { jwt.set(issuer::FakeNewerKeys::verifier("old")); }
  JwtDoorDependencies with_source() {
    JwtDoorDependencies with = parts();
    with.newer_keys = &newer;
    return with;
  }
  std::string token(const char* kid) { return issuer::FakeNewerKeys::sign(claims("s1"), kid); }

  issuer::FakeNewerKeys newer;
};

TEST_F(JwtDoorKeysTest, AnUnknownKeyWaitsForTheIssuersAnswer) {
  JwtDoor door(with_source());
  EXPECT_TRUE(admit(door, token("old")));
  show(door, token("new"));
  EXPECT_FALSE(admitted_);
  jwt.set(issuer::FakeNewerKeys::verifier("new"));
  newer.answer({.looked = true});
  ASSERT_TRUE(admitted_);
  EXPECT_TRUE(*admitted_);
}

TEST_F(JwtDoorKeysTest, WhileTheIssuerMayNotBeAskedTheKeyIsUnknownAndThenTheTokenInvalid) {
  JwtDoor door(with_source());
  show(door, token("new"));
  newer.answer({.wait = 20s});
  EXPECT_EQ(admitted_->error(), Refusal::key_unknown);
  show(door, token("new"));
  newer.answer({.looked = true});
  EXPECT_EQ(admitted_->error(), Refusal::invalid);
  EXPECT_EQ(admit(door, "x.y.z").error(), Refusal::invalid);
  EXPECT_TRUE(newer.waiting.empty());
}

TEST_F(JwtDoorTest, WithoutALimitNobodyIsCounted) {
  JwtDoor door(parts());
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(admit(door, sign(claims("s1"))));
}

}  // namespace
}  // namespace usher::gateway
