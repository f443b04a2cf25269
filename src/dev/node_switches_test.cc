#include "dev/node_switches.h"

#include <gtest/gtest.h>

#include "auth/jwt_verifier.h"
#include "support/manual_wall_clock.h"
#include "support/recording_log.h"

namespace usher::dev {
namespace {

constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";
constexpr const char* kPage = "http://127.0.0.1:8080";

class NodeSwitchesTest : public testing::Test {
 protected:
  test::ManualWallClock wall_clock;
  ticket::DevFault store_fault;
  Snapshot<auth::OriginPolicy> origins{
      std::make_shared<const auth::OriginPolicy>(auth::OriginPolicyOptions{.dev = true})};
  test::RecordingLog log;
  TimePoint now{std::chrono::hours(1)};
  DevTokens tokens{.signer = auth::JwtSigner(auth::secret_key(kSecret))};
};

TEST_F(NodeSwitchesTest, BlockedOriginsAreForeignUntilTheyAreMended) {
  NodeSwitches switches(tokens, store_fault, origins, log);
  EXPECT_TRUE(origins.get()->allows(kPage));
  switches.set({.origin_blocked = true}, now);
  EXPECT_FALSE(origins.get()->allows(kPage));
  EXPECT_TRUE(switches.faults().origin_blocked);
  switches.set({.origin_blocked = true}, now);
  switches.set({}, now);
  EXPECT_TRUE(origins.get()->allows(kPage));
  EXPECT_EQ(switches.faults(), DevSwitches::Faults{});
}

TEST_F(NodeSwitchesTest, TheStoreIsDownForAllWhoUseIt) {
  NodeSwitches switches(tokens, store_fault, origins, log);
  switches.set({.store_down = true}, now);
  EXPECT_TRUE(store_fault.is_on());
  EXPECT_TRUE(switches.faults().store_down);
  switches.set({}, now);
  EXPECT_FALSE(store_fault.is_on());
}

TEST_F(NodeSwitchesTest, AFaultEndsWithThePageThatRenewsIt) {
  using Faults = DevSwitches::Faults;
  NodeSwitches switches(tokens, store_fault, origins, log);
  const auto after = [&](Duration time) {
    switches.tick(now += time);
    return switches.faults();
  };
  switches.set({.store_down = true, .origin_blocked = true}, now);
  EXPECT_EQ(after(NodeSwitches::kLease / 2), (Faults{true, true}));
  switches.renew({.store_down = true}, now);
  EXPECT_EQ(after(NodeSwitches::kLease / 2), (Faults{.store_down = true}));
  EXPECT_TRUE(origins.get()->allows(kPage));
  EXPECT_TRUE(store_fault.is_on());
  EXPECT_EQ(after(NodeSwitches::kLease / 2), Faults{});
  EXPECT_FALSE(store_fault.is_on());
  // Off is off: another page has mended it, and the first one does not know yet.
  switches.renew({.store_down = true}, now);
  EXPECT_EQ(after(std::chrono::seconds(1)), Faults{});
}

TEST_F(NodeSwitchesTest, TheLogSaysWhatIsBrokenWhileItIs) {
  NodeSwitches switches(tokens, store_fault, origins, log);
  switches.set({.store_down = true}, now);
  switches.set({.store_down = true}, now);
  EXPECT_EQ(log.count("[Dev] Fault switched on"), 1u);
  for (int second = 0; second < 60; ++second) {
    switches.tick(now += std::chrono::seconds(1));
    switches.renew({.store_down = true}, now);
  }
  EXPECT_EQ(log.count("[Dev] Broken on purpose"), 6u);
  switches.set({}, now);
  for (int second = 0; second < 60; ++second) switches.tick(now += std::chrono::seconds(1));
  EXPECT_EQ(log.count("[Dev] Broken on purpose"), 6u);
  EXPECT_EQ(log.count("[Dev] Fault switched off"), 1u);
}

TEST_F(NodeSwitchesTest, TheTokenIsGoodButForItsSession) {
  tokens.issuer = "https://login.example";
  tokens.audience = "chat";
  NodeSwitches switches(tokens, store_fault, origins, log);
  const auth::JwtVerifier verifier(
      auth::JwtOptions{.issuer = tokens.issuer, .audience = {tokens.audience}},
      auth::KeySet({auth::secret_key(kSecret)}), auth::KeySet());
  const auto token = switches.token_without_session(wall_clock.now());
  ASSERT_TRUE(token);
  const auto claims = verifier.verify(*token, wall_clock.now());
  ASSERT_FALSE(claims);
  EXPECT_EQ(auth::code_of(claims.error()), auth::TokenCode::missing_session);
}

TEST_F(NodeSwitchesTest, WhereOthersSignThereIsNoToken) {
  tokens.signer.reset();
  EXPECT_FALSE(
      NodeSwitches(tokens, store_fault, origins, log).token_without_session(wall_clock.now()));
}

TEST_F(NodeSwitchesTest, RestartIsRefusedWhereNobodyCanDoIt) {
  NodeSwitches switches(tokens, store_fault, origins, log);
  EXPECT_FALSE(switches.restart());
  int restarts = 0;
  switches.on_restart([&] { ++restarts; });
  EXPECT_TRUE(switches.restart());
  EXPECT_EQ(restarts, 1);
}

}  // namespace
}  // namespace usher::dev
