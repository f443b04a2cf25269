#include "redis/link/health.h"

#include <gtest/gtest.h>

#include "support/recording_log.h"

namespace usher::redis {
namespace {

TEST(RedisHealth, OneLineWhenTheFirstIsLostAndOneWhenTheLastIsBack) {
  test::RecordingLog log;
  Health health(log, "commands");
  health.add();
  health.add();
  EXPECT_FALSE(health.all_up());
  health.on_up("h:1", "7.0");
  EXPECT_FALSE(health.all_up());
  health.on_up("h:1", "7.0");
  EXPECT_TRUE(health.all_up());
  EXPECT_EQ(
      log.lines,
      (std::vector<std::string>{"redis_up { link: 'commands', address: 'h:1', version: '7.0' }"}));
  log.lines.clear();

  health.on_lost("h:1", "gone");
  EXPECT_FALSE(health.all_up());
  health.on_lost("h:1", "gone too");
  health.on_refused("h:1", "refused");
  health.on_up("h:1", "7.0");
  EXPECT_EQ(log.lines, (std::vector<std::string>{
                           "redis_down { link: 'commands', address: 'h:1', reason: 'gone' }"}));
  health.on_up("h:1", "7.0");
  EXPECT_EQ(log.lines.size(), 2u);
}

TEST(RedisHealth, ALinkThatIsTakenDownIsNotMissed) {
  test::RecordingLog log;
  Health health(log, "commands");
  health.add();
  health.add();
  health.on_up("h:1", "7.0");
  health.remove(false);
  EXPECT_TRUE(health.all_up());
  health.remove(true);
  EXPECT_EQ(log.count("redis_down"), 0u);
}

}  // namespace
}  // namespace usher::redis
