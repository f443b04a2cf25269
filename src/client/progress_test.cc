#include "client/progress.h"

#include <gtest/gtest.h>

namespace usher::client {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1h};

class ProgressTest : public testing::Test {
 protected:
  std::vector<StageChange> rest(std::optional<Instant> due) {
    Output out;
    progress.announce_rest(2, due, kNow, out);
    return out.stages;
  }

  Progress progress;
};

TEST_F(ProgressTest, ARestIsAnnouncedAgainOnlyWhenItsEndChanges) {
  EXPECT_TRUE(rest({}).empty());  // idle, as at the beginning
  progress.move_to(Stage::waiting);
  const auto first = rest(kNow + 3s);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].stage, Stage::waiting);
  EXPECT_EQ(first[0].attempt, 2u);
  EXPECT_EQ(first[0].delay, 3s);
  EXPECT_TRUE(rest(kNow + 3s).empty());
  const auto offline = rest({});
  ASSERT_EQ(offline.size(), 1u);
  EXPECT_FALSE(offline[0].delay);
  EXPECT_TRUE(rest({}).empty());
}

TEST_F(ProgressTest, AStepIsAnnouncedEachTimeAndNotAsARest) {
  Output out;
  progress.move_to(Stage::token);
  EXPECT_TRUE(progress.is_attempting());
  EXPECT_TRUE(rest({}).empty());
  progress.announce(0, out);
  progress.announce(0, out);
  EXPECT_EQ(out.stages.size(), 2u);
  progress.move_to(Stage::idle);
  EXPECT_FALSE(progress.is_attempting());
  EXPECT_EQ(rest({}).size(), 1u);
}

TEST_F(ProgressTest, AFailureIsAnnouncedOnceWithTheStageAfterItInTheSameInput) {
  progress.fail({.status = 503, .code = {}, .reason = ""});
  progress.move_to(Stage::waiting);
  const auto first = rest(kNow);
  ASSERT_TRUE(first.at(0).failure);
  EXPECT_EQ(first[0].failure->status, 503);
  EXPECT_FALSE(rest({}).at(0).failure);
  progress.fail({});
  progress.begin_input();
  EXPECT_FALSE(rest(kNow).at(0).failure);
}

}  // namespace
}  // namespace usher::client
