#include "session/held_credential.h"

#include <chrono>

#include <gtest/gtest.h>

#include "limits/address_key.h"

namespace usher::session {
namespace {

using namespace std::chrono_literals;

class HeldCredentialTest : public testing::Test {
 protected:
  static ticket::Grant grant(std::string jti, std::int64_t exp, std::string user = "") {
    ticket::Grant made;
    made.session = "s1";
    made.user = std::move(user);
    made.jti = std::move(jti);
    made.token_exp = exp;
    return made;
  }
  void take(ticket::Grant grant) { held.take(std::move(grant), options, wall_now, now); }

  SessionOptions options;
  WallTime wall_now{std::chrono::seconds(1000)};
  TimePoint now{1h};
  HeldCredential held;
};

TEST_F(HeldCredentialTest, OriginAndAddressStayThoseOfTheUpgrade) {
  held = HeldCredential({.origin = "https://app.example", .peer_address = "192.0.2.7"});
  take(grant("one", 1060));
  EXPECT_EQ(held.origin(), "https://app.example");
  EXPECT_EQ(held.address_key(), limits::address_key(std::string_view("192.0.2.7")));
  EXPECT_FALSE(HeldCredential({.origin = std::nullopt}).origin());
}

TEST_F(HeldCredentialTest, AnEarlierTokenIsKnownWhileItIsGood) {
  take(grant("one", 1060));
  take(grant("two", 1060, "ada"));
  EXPECT_EQ(held.identity().jti, "two");
  EXPECT_EQ(held.identity().user, "ada");
  ASSERT_EQ(held.identity().earlier_jtis.size(), 1u);
  EXPECT_EQ(held.identity().earlier_jtis[0], "one");
  wall_now += 60s + options.leeway;
  take(grant("three", 2000, "ada"));
  EXPECT_TRUE(held.identity().earlier_jtis.empty());
}

TEST_F(HeldCredentialTest, TheChannelPatternsAreThoseOfTheLastGrant) {
  ticket::Grant with = grant("one", 1060);
  with.channels = {"orders:42"};
  take(with);
  ASSERT_EQ(held.identity().channel_patterns.size(), 1u);
  take(grant("two", 1060));
  EXPECT_TRUE(held.identity().channel_patterns.empty());
}

TEST_F(HeldCredentialTest, InfoAndProvidersSessionAreThoseOfTheLastGrant) {
  ticket::Grant with = grant("one", 1060);
  with.info = R"({"name":"Ada"})";
  with.sid = "https://issuer.example\n42";
  take(with);
  EXPECT_EQ(held.identity().conn_info, R"({"name":"Ada"})");
  EXPECT_EQ(held.identity().sid, "https://issuer.example\n42");
  held.remember_ticket({}, now + 10s);
  held.forget_old_ticket(now + 10s);
  EXPECT_EQ(held.identity().conn_info, R"({"name":"Ada"})") << "only the ticket is forgotten";
  take(grant("two", 1060));
  EXPECT_EQ(held.identity().conn_info, "");
  EXPECT_EQ(held.identity().sid, "");
}

TEST_F(HeldCredentialTest, AnEarlierProvidersSessionIsKnownWhileItsTokenIsGood) {
  const auto take_with = [&](const char* jti, std::int64_t exp, const char* sid) {
    ticket::Grant with = grant(jti, exp);
    with.sid = sid;
    take(with);
  };
  take_with("one", 1060, "idp\n1");
  take_with("two", 1060, "idp\n1");
  EXPECT_TRUE(held.identity().earlier_sids.empty()) << "it is the present one";
  take_with("three", 2000, "idp\n2");
  EXPECT_EQ(held.identity().sid, "idp\n2");
  ASSERT_EQ(held.identity().earlier_sids.size(), 1u);
  EXPECT_EQ(held.identity().earlier_sids[0], "idp\n1");
  take_with("four", 2000, "");
  EXPECT_EQ(held.identity().earlier_sids.size(), 2u);
  wall_now += 60s + options.leeway;
  take_with("five", 2000, "idp\n3");
  ASSERT_EQ(held.identity().earlier_sids.size(), 1u) << "the token of idp\n1 has ended";
  take_with("six", 2000, "");
  ASSERT_EQ(held.identity().earlier_sids.size(), 2u);
  EXPECT_EQ(held.identity().earlier_sids[0], "idp\n2");
  EXPECT_EQ(held.identity().earlier_sids[1], "idp\n3");
}

TEST_F(HeldCredentialTest, ItsEndIsBetweenOneSecondAndAllThatTtlCanSay) {
  EXPECT_FALSE(held.end());
  EXPECT_EQ(held.ttl_seconds(now), 0u);
  take(grant("", 1060));
  EXPECT_EQ(held.end(), now + 60s);
  EXPECT_EQ(held.ttl_seconds(now + 1s), 59u);
  held.set_end(999, wall_now, now);
  EXPECT_EQ(held.end(), now + 1s);
  held.set_end(INT64_MAX, wall_now, now);
  EXPECT_EQ(held.ttl_seconds(now), static_cast<std::uint32_t>(INT32_MAX));
  held.set_end(std::nullopt, wall_now, now);
  EXPECT_FALSE(held.end());
}

TEST_F(HeldCredentialTest, TheSessionStaysAndSoDoesAUserWhoIsLoggedIn) {
  take(grant("", 1060));
  EXPECT_TRUE(held.may_become(grant("", 1060, "ada")));
  ticket::Grant other = grant("", 1060);
  other.session = "s2";
  EXPECT_FALSE(held.may_become(other));
  take(grant("", 1060, "ada"));
  EXPECT_TRUE(held.may_become(grant("", 1060, "ada")));
  EXPECT_FALSE(held.may_become(grant("", 1060, "eve")));
  EXPECT_FALSE(held.may_become(grant("", 1060)));
}

TEST_F(HeldCredentialTest, ATicketIsTakenOnceAndOnlyWhileTheStoreKnowsIt) {
  const ticket::TicketHash hash{.bytes = {std::byte{1}}};
  EXPECT_FALSE(held.take_ticket(now));
  held.remember_ticket(hash, now + 10s);
  held.forget_old_ticket(now + 9s);
  EXPECT_EQ(held.take_ticket(now + 9s), hash);
  EXPECT_FALSE(held.take_ticket(now + 9s));
  held.remember_ticket(hash, now + 10s);
  EXPECT_FALSE(held.take_ticket(now + 10s));
  held.forget_old_ticket(now + 10s);
  EXPECT_FALSE(held.take_ticket(now)) << "it is forgotten";
}

}  // namespace
}  // namespace usher::session
