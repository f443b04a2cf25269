// The memory engine on real threads, which share posted tasks only. Run it under ThreadSanitizer.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "hub/hub.h"
#include "hub/memory_broker.h"
#include "support/hub_cluster.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using test::TestSubscriber;

constexpr std::size_t kShards = 3;
constexpr int kRounds = 300;

// One mailbox for each shard. `open_` counts the tasks that are posted and not done, so that the
// end is known.
class ThreadedShards final : public ShardPost {
 public:
  void post(std::size_t shard, UniqueFunction<void()> task) override {
    ++open_;
    Box& box = boxes_[shard];
    {
      const std::lock_guard lock(box.mutex);
      box.tasks.push_back(std::move(task));
    }
    box.ready.notify_one();
  }

  // Runs the tasks of `shard` until no shard has any left.
  void run(std::size_t shard) {
    Box& box = boxes_[shard];
    for (;;) {
      UniqueFunction<void()> task;
      {
        std::unique_lock lock(box.mutex);
        box.ready.wait(lock, [&] { return !box.tasks.empty() || open_ == 0; });
        if (box.tasks.empty()) return;
        task = std::move(box.tasks.front());
        box.tasks.pop_front();
      }
      task();
      if (--open_ == 0) wake_everybody();
    }
  }

 private:
  struct Box {
    std::mutex mutex;
    std::condition_variable ready;
    std::deque<UniqueFunction<void()>> tasks;
  };

  void wake_everybody() {
    for (Box& box : boxes_) {
      {
        const std::lock_guard lock(box.mutex);
      }
      box.ready.notify_all();
    }
  }

  std::array<Box, kShards> boxes_;
  std::atomic<int> open_ = 0;
};

class LockedEntropy final : public Entropy {
 public:
  void fill(std::span<std::byte> out) override {
    const std::lock_guard lock(mutex_);
    entropy_.fill(out);
  }

 private:
  std::mutex mutex_;
  test::SeededEntropy entropy_;
};

// One shard's hub and its connections, which do a bit of everything in each round.
struct Shard {
  Shard(std::size_t index, MemoryBrokers& engine, const ChannelRules& rules, const Clock& clock,
        Entropy& entropy, ThreadedShards& mail)
      : number(index),
        broker(engine.broker(index)),
        hub({}, rules, broker, clock, wall_clock, entropy),
        post(mail),
        random(index) {}

  void round(int left) {
    TestSubscriber& one = *subscribers[random() % subscribers.size()];
    const std::string channel =
        (random() % 2 == 0 ? "news:" : "room:") + std::to_string(random() % 5);
    switch (random() % 5) {
      case 0:
        hub.leave(one);
        one.take();
        hub.join(one, {{channel}}, [](const Joined&) {});
        break;
      case 1:
        hub.subscribe(one, {channel}, [](const SubscribeOutcome&) {});
        break;
      case 2:
        EXPECT_TRUE(hub.unsubscribe(one, channel));
        break;
      case 3:
        broker.order(InfoQuery{}, [](auto answer) { EXPECT_TRUE(answer); });
        break;
      case 4:
        broker.publish({.channel = channel, .data = "1"},
                       [this](auto position) { published += position.has_value(); });
        break;
    }
    // Posted to the next shard and back, so that the rounds of all shards mix.
    if (left == 0) return;
    const std::size_t next = (number + 1) % kShards;
    post.post(next, [this, left] { post.post(number, [this, left] { round(left - 1); }); });
  }

  const std::size_t number;
  Broker& broker;
  test::ManualWallClock wall_clock;
  Hub hub;
  ThreadedShards& post;
  std::mt19937_64 random;
  std::vector<std::unique_ptr<TestSubscriber>> subscribers;
  int published = 0;
};

TEST(MemoryBrokerThreadsTest, ShardsShareNothingButWhatTheyPost) {
  const ChannelRules rules(
      {.namespaces = {
           {.name = "news",
            .subscribe = Audience::anyone,
            .history_size = 5,
            .history_ttl = 1min,
            .recovery = true},
           {.name = "room", .subscribe = Audience::anyone, .presence = true, .join_leave = true}}});
  test::ManualClock clock;  // stands still, so threads may share it
  LockedEntropy entropy;
  ThreadedShards mail;
  MemoryBrokers engine({}, rules, clock, entropy, mail, kShards);
  std::vector<std::unique_ptr<Shard>> shards;
  for (std::size_t i = 0; i < kShards; ++i) {
    shards.push_back(std::make_unique<Shard>(i, engine, rules, clock, entropy, mail));
    mail.post(i, [&shard = *shards[i]] {
      for (int n = 0; n < 10; ++n) {
        shard.subscribers.push_back(std::make_unique<TestSubscriber>("s" + std::to_string(n), "u"));
        shard.hub.join(*shard.subscribers.back(), {}, [](const Joined&) {});
      }
      shard.round(kRounds);
    });
  }
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kShards; ++i) threads.emplace_back([&mail, i] { mail.run(i); });
  }
  int published = 0;
  for (const auto& shard : shards) {
    published += shard->published;
    EXPECT_EQ(shard->hub.connections(), 10u);
    for (const auto& subscriber : shard->subscribers) shard->hub.leave(*subscriber);
  }
  EXPECT_GT(published, 0);
}

}  // namespace
}  // namespace usher::hub
