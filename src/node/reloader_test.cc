#include "node/reloader.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

namespace usher::node {
namespace {

// A load that returns when the test says so, each time.
struct Disk {
  std::promise<void> began[3];
  std::promise<void> may_end[3];
  std::promise<void> used[3];
  std::atomic<int> loads = 0;

  Reloader::Load load(const std::shared_ptr<Disk>& self) {
    return [self]() -> Reloader::Use {
      const int number = self->loads++;
      self->began[number].set_value();
      self->may_end[number].get_future().wait();
      return [self, number] {
        self->used[number].set_value();
        return ReloadOutcome{{"load " + std::to_string(number)}};
      };
    };
  }
};

TEST(ReloaderTest, WhatIsAskedWhileOneIsUnderWayFollowsIt) {
  const auto disk = std::make_shared<Disk>();
  Reloader reloader(disk->load(disk));
  EXPECT_EQ(reloader.ask(), Reloader::Asked::now);
  disk->began[0].get_future().wait();
  EXPECT_EQ(reloader.ask(), Reloader::Asked::later);
  EXPECT_EQ(reloader.ask(), Reloader::Asked::later);
  EXPECT_TRUE(reloader.is_busy());
  disk->may_end[0].set_value();
  disk->used[0].get_future().wait();
  disk->began[1].get_future().wait();
  disk->may_end[1].set_value();
  disk->used[1].get_future().wait();
  EXPECT_EQ(disk->loads, 2) << "two wishes are one";
}

TEST(ReloaderTest, ADiskThatHangsHoldsUpNeitherTheOwnerNorItsEnd) {
  const auto disk = std::make_shared<Disk>();
  auto used = disk->used[0].get_future();
  {
    Reloader reloader(disk->load(disk));
    reloader.ask();
    disk->began[0].get_future().wait();
  }
  disk->may_end[0].set_value();
  EXPECT_EQ(disk->loads, 1);
  EXPECT_EQ(used.wait_for(std::chrono::seconds(0)), std::future_status::timeout)
      << "there is nobody to use it";
}

TEST(ReloaderTest, AskingDoesNotWaitForSettingsThatAreBeingPutToUse) {
  struct Use {
    std::promise<void> began;
    std::promise<void> may_end;
    std::atomic<int> uses = 0;
  };
  const auto use = std::make_shared<Use>();
  Reloader reloader([use]() -> Reloader::Use {
    return [use] {
      if (use->uses++ > 0) return ReloadOutcome{};
      use->began.set_value();
      use->may_end.get_future().wait();
      return ReloadOutcome{};
    };
  });
  reloader.ask();
  use->began.get_future().wait();
  EXPECT_EQ(reloader.ask(), Reloader::Asked::later);
  use->may_end.set_value();
  reloader.end();
  const int uses = use->uses;
  reloader.ask();
  while (reloader.is_busy()) std::this_thread::yield();
  EXPECT_EQ(use->uses, uses);
}

TEST(ReloaderTest, ACallerGetsTheOutcomeOfTheReloadThatBeganAfterItAsked) {
  const auto disk = std::make_shared<Disk>();
  Reloader reloader(disk->load(disk));
  reloader.ask();
  disk->began[0].get_future().wait();
  std::promise<std::string> told;
  EXPECT_EQ(reloader.ask([&](const ReloadOutcome& outcome) { told.set_value(outcome.faults[0]); }),
            Reloader::Asked::later);
  disk->may_end[0].set_value();
  disk->may_end[1].set_value();
  EXPECT_EQ(told.get_future().get(), "load 1");
}

TEST(ReloaderTest, AsManyCallersAsTheLimitWaitAndTheNextIsTurnedAway) {
  const auto disk = std::make_shared<Disk>();
  std::atomic<std::size_t> told = 0;
  {
    Reloader reloader(disk->load(disk));
    reloader.ask();
    disk->began[0].get_future().wait();
    for (std::size_t i = 0; i < Reloader::kWaitingMax; ++i) {
      EXPECT_EQ(reloader.ask([&](const ReloadOutcome&) { ++told; }), Reloader::Asked::later);
    }
    EXPECT_EQ(reloader.ask([&](const ReloadOutcome&) { ++told; }), Reloader::Asked::too_many);
    EXPECT_EQ(reloader.ask(), Reloader::Asked::later) << "a signal waits for nothing";
  }
  disk->may_end[0].set_value();
  EXPECT_EQ(told, 0u) << "the node has ended";
}

}  // namespace
}  // namespace usher::node
