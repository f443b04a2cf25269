#include "config/namespace_check.h"

#include <gtest/gtest.h>

#include <utility>

#include "config/config_check.h"

using namespace std::chrono_literals;

namespace usher::config {
namespace {

using hub::NamespaceOptions;
using hub::Onlookers;

// Returns the error about the namespace; empty if there is none.
std::string error_of(NamespaceOptions space) {
  Config config;
  space.name = space.name.empty() ? "a" : space.name;
  config.channel.namespaces = {std::move(space)};
  config.places.set(ConfigPlaces::entry_key("channel.namespaces", 0, "positioned"), "f:3:1");
  ConfigReport report(config.places, {});
  check_namespaces(config, report);
  const ConfigFindings findings = std::move(report).take();
  EXPECT_LE(findings.errors.size(), 1u);
  return findings.errors.empty() ? "" : findings.errors.front();
}

NamespaceOptions kept() { return {.history_size = 10, .history_ttl = 1min}; }
NamespaceOptions recoverable() {
  NamespaceOptions space = kept();
  space.recovery = true;
  return space;
}

TEST(NamespaceCheck, PositionedNeedsAHistoryAndNamesItsPlace) {
  EXPECT_EQ(error_of({.positioned = true}),
            "f:3:1: channel.namespaces 'a': positioned needs history_size and history_ttl");
  NamespaceOptions space = kept();
  space.positioned = true;
  EXPECT_EQ(error_of(space), "");
}

TEST(NamespaceCheck, ModesOfRecoveryNeedRecovery) {
  NamespaceOptions space = kept();
  space.recovery_mode = hub::RecoveryMode::cache;
  EXPECT_EQ(error_of(space),
            "channel.namespaces 'a': recovery_mode = \"cache\" needs recovery = true, with a "
            "history");
  space = kept();
  space.unrecoverable = hub::Unrecoverable::refuse;
  EXPECT_EQ(error_of(space),
            "channel.namespaces 'a': unrecoverable = \"refuse\" needs recovery = true, with a "
            "history");
  space.recovery = true;
  EXPECT_EQ(error_of(space), "");
  space.recovery_mode = hub::RecoveryMode::cache;
  EXPECT_NE(error_of(space).find("contradicts recovery_mode"), std::string::npos);
  space.unrecoverable = hub::Unrecoverable::tell;
  EXPECT_EQ(error_of(space), "");
}

TEST(NamespaceCheck, OnlookersNeedSomethingToLookAt) {
  EXPECT_EQ(error_of({.allow_presence_for = Onlookers::anyone}),
            "channel.namespaces 'a': allow_presence_for needs presence = true");
  EXPECT_EQ(error_of({.allow_history_for = Onlookers::nobody}),
            "channel.namespaces 'a': allow_history_for needs history_size and history_ttl");
  EXPECT_EQ(error_of({.presence = true, .allow_presence_for = Onlookers::anyone}), "");
  NamespaceOptions space = recoverable();
  space.allow_history_for = Onlookers::nobody;
  EXPECT_EQ(error_of(space), "");
}

TEST(NamespaceCheck, ChannelsOfOneOwnerAreNotShownToOthers) {
  for (const auto allowed : {Onlookers::anyone, Onlookers::users, Onlookers::granted}) {
    EXPECT_NE(
        error_of(
            {.subscribe = hub::Audience::owner, .presence = true, .allow_presence_for = allowed})
            .find("allow_presence_for must be \"subscribers\" or \"nobody\" here"),
        std::string::npos);
    NamespaceOptions user = kept();
    user.name = "user";
    user.allow_history_for = allowed;
    EXPECT_NE(error_of(user).find("belongs to one session or user"), std::string::npos);
  }
  EXPECT_EQ(error_of({.subscribe = hub::Audience::owner,
                      .presence = true,
                      .allow_presence_for = Onlookers::nobody}),
            "");
}

TEST(NamespaceCheck, TheLatestOnlyContradictsWhatNeedsAll) {
  NamespaceOptions space = recoverable();
  space.latest_only = true;
  EXPECT_NE(error_of(space).find("latest_only contradicts recovery"), std::string::npos);
  space.recovery_mode = hub::RecoveryMode::cache;
  EXPECT_EQ(error_of(space), "");
  space = kept();
  space.latest_only = space.positioned = true;
  EXPECT_NE(error_of(space).find("latest_only contradicts positioned"), std::string::npos);
  EXPECT_EQ(error_of({.latest_only = true, .write_delay = 25ms}), "");
}

TEST(NamespaceCheck, DelaysHaveAtMostEightValues) {
  Config config;
  for (int i = 0; i < 12; ++i) {
    config.channel.namespaces.push_back(
        {.name = "n" + std::to_string(i), .write_delay = 1ms * (i % 8)});
  }
  const auto errors = [&config] {
    ConfigReport report(config.places, {});
    check_namespaces(config, report);
    return std::move(report).take().errors;
  };
  EXPECT_TRUE(errors().empty());
  config.channel.namespaces[0].write_delay = 8ms;
  EXPECT_TRUE(errors().empty()) << "eight of them, and none is zero";
  config.channel.namespaces[8].write_delay = 9ms;
  ASSERT_EQ(errors().size(), 1u);
  EXPECT_NE(errors()[0].find("write_delay has more than 8 different values"), std::string::npos);
}

}  // namespace
}  // namespace usher::config
