#include "net/outbox.h"

#include <algorithm>
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

// Frames of which only the latest counts.
class LatestTest : public testing::Test {
 protected:
  bool push(std::uint32_t number, std::string text, std::size_t bytes_max = kMax,
            std::size_t begun_bytes = 0) {
    return outbox.push_latest(frame(std::move(text)), number, bytes_max, begun_bytes);
  }
  Outbox outbox;
};

TEST_F(LatestTest, TheNewOneTakesThePlaceOfTheOneThatWaits) {
  EXPECT_TRUE(outbox.push(frame("a"), kMax));
  EXPECT_TRUE(push(1, "old"));
  EXPECT_TRUE(outbox.push(frame("b"), kMax));
  EXPECT_TRUE(push(2, "other"));
  EXPECT_TRUE(push(1, "newer"));
  EXPECT_EQ(gathered(outbox), "anewerbother");
  EXPECT_EQ(outbox.bytes(), 12u);
  EXPECT_EQ(outbox.cost(), 12 + 4 * Outbox::kFrameCost);
}

TEST_F(LatestTest, OneThatHasBegunToLeaveIsCompleted) {
  EXPECT_TRUE(push(1, "old"));
  outbox.consume(1);
  EXPECT_TRUE(push(1, "new"));
  EXPECT_EQ(gathered(outbox), "ldnew");
  EXPECT_TRUE(push(1, "newest"));
  EXPECT_EQ(gathered(outbox), "ldnewest");
  outbox.consume(8);
  EXPECT_TRUE(outbox.empty());
  EXPECT_TRUE(push(1, "again"));
  EXPECT_EQ(gathered(outbox), "again");
}

TEST_F(LatestTest, OneThatHasLeftIsNotReplaced) {
  EXPECT_TRUE(push(1, "old"));
  EXPECT_TRUE(outbox.push(frame("b"), kMax));
  outbox.consume(3);
  EXPECT_TRUE(push(1, "new"));
  EXPECT_EQ(gathered(outbox), "bnew");
}

TEST_F(LatestTest, BytesThatMustBeRepeatedStay) {
  EXPECT_TRUE(outbox.push(frame("abc"), kMax));
  EXPECT_TRUE(push(1, "old"));
  EXPECT_TRUE(push(1, "new", kMax, 4));
  EXPECT_EQ(gathered(outbox), "abcoldnew");
  EXPECT_TRUE(push(1, "newest", kMax, 6));
  EXPECT_EQ(gathered(outbox), "abcoldnewest");
}

TEST_F(LatestTest, TheLimitHoldsForTheNewOne) {
  EXPECT_TRUE(push(1, std::string(5000, 'x'), 100)) << "an empty outbox takes any size";
  EXPECT_TRUE(push(1, std::string(6000, 'y'), 100)) << "it stays the only one";
  EXPECT_TRUE(outbox.push(frame("z"), kMax));
  const std::size_t fits = kMax - 1 - 2 * Outbox::kFrameCost;
  EXPECT_FALSE(push(1, std::string(fits + 1, 'a')));
  EXPECT_EQ(outbox.bytes(), 6001u) << "a refused one changes nothing";
  EXPECT_TRUE(push(1, std::string(fits, 'a')));
  EXPECT_EQ(outbox.cost(), kMax);
}

TEST_F(LatestTest, BeyondTheLimitOfPlacesTheOldestIsSentAsItIs) {
  for (std::uint32_t number = 1; number <= Outbox::kPlacesMax + 1; ++number) {
    ASSERT_TRUE(push(number, ".", 1 << 20));
  }
  EXPECT_TRUE(push(2, "second", 1 << 20));
  EXPECT_EQ(outbox.bytes(), Outbox::kPlacesMax + 6) << "it has taken the place of a byte";
  EXPECT_TRUE(push(1, "first", 1 << 20));
  EXPECT_EQ(outbox.bytes(), Outbox::kPlacesMax + 11) << "it stands at the end";
}

TEST_F(LatestTest, DroppingForgetsWhoseTurnItIs) {
  EXPECT_TRUE(outbox.push(frame("ab"), kMax));
  EXPECT_TRUE(push(1, "old"));
  outbox.consume(1);
  outbox.drop_behind(0);
  EXPECT_TRUE(push(1, "new"));
  EXPECT_EQ(gathered(outbox), "bnew");
}

TEST_F(LatestTest, BehavesLikeAListOfMessagesUnderRandomPushesAndWrites) {
  struct Message {
    std::uint32_t number;
    std::string text;
  };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    outbox.clear();
    std::vector<Message> model;
    std::size_t sent = 0;  // of the first
    for (int step = 0; step < 1000; ++step) {
      const auto number = static_cast<std::uint32_t>(random() % 6);
      if (random() % 3 != 0) {
        std::string text(1 + random() % 9, static_cast<char>('a' + random() % 26));
        const auto first = model.begin() + (sent > 0 ? 1 : 0);
        const auto there = std::find_if(first, model.end(), [&](const Message& one) {
          return number != 0 && one.number == number;
        });
        if (there != model.end()) {
          there->text = text;
        } else {
          model.push_back({number, text});
        }
        ASSERT_TRUE(number == 0 ? outbox.push(std::move(text), kMax)
                                : push(number, std::move(text)));
      } else {
        const std::size_t count = random() % (std::min<std::size_t>(outbox.bytes(), 30) + 1);
        outbox.consume(count);
        sent += count;
        while (!model.empty() && sent >= model.front().text.size()) {
          sent -= model.front().text.size();
          model.erase(model.begin());
        }
      }
      std::string all;
      for (const Message& one : model) all += one.text;
      all.erase(0, sent);
      ASSERT_EQ(outbox.bytes(), all.size());
      ASSERT_EQ(gathered(outbox, all.size() + 1), all);
    }
  }
}

}  // namespace
}  // namespace usher::net
