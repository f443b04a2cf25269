#include "net/outbox.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace usher::net {
namespace {

constexpr std::size_t kMax = 10'000;

wire::SharedFrame frame(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

std::string gathered(const Outbox& outbox, std::size_t parts_max = Outbox::kGatherMax) {
  std::vector<iovec> parts(parts_max);
  std::string text;
  const std::size_t count = outbox.gather(parts);
  for (std::size_t i = 0; i < count; ++i) {
    text.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  }
  return text;
}

TEST(OutboxTest, EmptyOwnsNothing) {
  Outbox outbox;
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.bytes(), 0u);
  EXPECT_EQ(gathered(outbox), "");
  EXPECT_TRUE(outbox.push(frame(""), kMax));
  EXPECT_TRUE(outbox.push(wire::SharedFrame(), kMax));
  EXPECT_TRUE(outbox.empty());
}

TEST(OutboxTest, KeepsOrderAcrossPartialWrites) {
  Outbox outbox;
  EXPECT_TRUE(outbox.push(frame("abc"), kMax));
  EXPECT_TRUE(outbox.push(std::string("defg"), kMax));
  EXPECT_TRUE(outbox.push(frame("h"), kMax));
  outbox.consume(1);
  EXPECT_EQ(gathered(outbox), "bcdefgh");
  outbox.consume(4);
  EXPECT_EQ(gathered(outbox), "fgh");
  EXPECT_EQ(outbox.bytes(), 3u);
  outbox.consume(3);
  EXPECT_TRUE(outbox.empty());
}

TEST(OutboxTest, TakesWhatFillsItExactlyAndNotOneByteMore) {
  constexpr std::size_t kBytesMax = 1000;
  Outbox outbox;
  EXPECT_TRUE(
      outbox.push(frame(std::string(kBytesMax - 2 * Outbox::kFrameCost - 1, 'x')), kBytesMax));
  EXPECT_FALSE(outbox.push(frame("yz"), kBytesMax));
  EXPECT_TRUE(outbox.push(frame("y"), kBytesMax));
  EXPECT_FALSE(outbox.push(frame("z"), kBytesMax));
  EXPECT_EQ(outbox.cost(), kBytesMax);
  EXPECT_EQ(outbox.bytes(), kBytesMax - 2 * Outbox::kFrameCost);
  outbox.consume(1 + Outbox::kFrameCost);
  EXPECT_TRUE(outbox.push(frame("z"), kBytesMax));
}

// A frame of two bytes occupies far more than two.
TEST(OutboxTest, ManySmallFramesCountWithWhatTheyOccupy) {
  Outbox outbox;
  std::size_t taken = 0;
  while (outbox.push(std::string("hi"), 1 << 20)) ++taken;
  EXPECT_EQ(taken, (1u << 20) / (2 + Outbox::kFrameCost));
  outbox.consume(2 * taken);
  EXPECT_EQ(outbox.cost(), 0u);
}

TEST(OutboxTest, AnEmptyOneTakesAFrameOfAnySize) {
  Outbox outbox;
  EXPECT_TRUE(outbox.push(frame(std::string(kMax + 1, 'x')), kMax));
  EXPECT_FALSE(outbox.push(frame("y"), kMax));
  EXPECT_FALSE(outbox.push(frame(std::string(kMax + 1, 'x')), kMax));
}

TEST(OutboxTest, LetsGoOfAFrameWhenItIsWritten) {
  Outbox outbox;
  const auto shared = frame("abc");
  EXPECT_TRUE(outbox.push(shared, kMax));
  EXPECT_TRUE(outbox.push(shared, kMax));
  EXPECT_EQ(shared.use_count(), 3);
  outbox.consume(3);
  EXPECT_EQ(shared.use_count(), 2);
  Outbox other = std::move(outbox);
  EXPECT_TRUE(outbox.empty());
  other.clear();
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(OutboxTest, WhatHasBegunIsKeptWhenTheRestIsDropped) {
  Outbox outbox;
  outbox.drop_behind(0);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(outbox.push(std::string("abc"), kMax));
  outbox.consume(4);
  outbox.drop_behind(0);
  EXPECT_EQ(gathered(outbox), "bc");
  EXPECT_EQ(outbox.bytes(), 2u);
  EXPECT_TRUE(outbox.push(std::string("d"), kMax));
  EXPECT_EQ(gathered(outbox), "bcd");
  outbox.consume(2);
  outbox.drop_behind(0);
  EXPECT_TRUE(outbox.empty());
}

TEST(OutboxTest, WhatIsPromisedIsKeptToTheEndOfItsFrame) {
  Outbox outbox;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(outbox.push(std::string("abc"), kMax));
  outbox.consume(4);
  outbox.drop_behind(3);
  EXPECT_EQ(gathered(outbox), "bcabc");
  EXPECT_EQ(outbox.bytes(), 5u);
  outbox.drop_behind(1000);
  EXPECT_EQ(gathered(outbox), "bcabc");
  outbox.consume(5);
  EXPECT_TRUE(outbox.empty());
}

TEST(OutboxTest, GathersAtMostWhatFits) {
  Outbox outbox;
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(outbox.push(std::string(1, static_cast<char>('a' + i)), kMax));
  EXPECT_EQ(gathered(outbox, 3), "abc");
  EXPECT_EQ(gathered(outbox, 20), "abcdefghijklmnopqrst");
}

TEST(OutboxTest, AVeryLongQueueIsClearedWithoutRecursion) {
  Outbox outbox;
  const auto shared = frame("x");
  for (int i = 0; i < 1'000'000; ++i) EXPECT_TRUE(outbox.push(shared, std::size_t{1} << 30));
  outbox.clear();
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(OutboxTest, BehavesLikeAStringUnderRandomPushesAndWrites) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    Outbox outbox;
    std::string model;
    for (int step = 0; step < 500; ++step) {
      if (random() % 2 == 0) {
        std::string bytes(random() % 9, static_cast<char>('a' + random() % 26));
        model += bytes;
        ASSERT_TRUE(outbox.push(std::move(bytes), std::size_t{1} << 30));
      } else {
        const std::size_t count = random() % (std::min<std::size_t>(model.size(), 20) + 1);
        outbox.consume(count);
        model.erase(0, count);
      }
      ASSERT_EQ(outbox.bytes(), model.size());
      ASSERT_EQ(gathered(outbox, model.size() + 1), model);
      ASSERT_EQ(outbox.empty(), model.empty());
    }
  }
}

}  // namespace
}  // namespace usher::net
