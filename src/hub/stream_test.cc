#include "hub/stream.h"

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using wire::RecoveryGap;

class StreamTest : public testing::Test {
 protected:
  void append(std::size_t count, TimePoint expires_at = TimePoint(1h)) {
    for (std::size_t i = 0; i < count; ++i) {
      auto publication = std::make_shared<Publication>();
      publication->offset = stream.next_offset();
      publication->data = "1";
      stream.append(std::move(publication), expires_at);
    }
  }
  std::vector<std::uint64_t> offsets(const HistoryQuery& query) const {
    std::vector<std::uint64_t> found;
    for (const auto& publication : stream.page(query).publications)
      found.push_back(publication->offset);
    return found;
  }
  using Offsets = std::vector<std::uint64_t>;

  Stream stream{"e"};
};

TEST_F(StreamTest, BeginsEmptyAtOffsetZero) {
  EXPECT_EQ(stream.position(), (Position{0, "e"}));
  EXPECT_EQ(offsets({}), Offsets{});
  EXPECT_EQ(stream.page({.limit = 0, .since = Position{0, "e"}}).gap, RecoveryGap::none);
}

TEST_F(StreamTest, GivesWhatFollowsAPosition) {
  append(5);
  EXPECT_EQ(offsets({}), (Offsets{1, 2, 3, 4, 5}));
  EXPECT_EQ(offsets({.since = Position{0, "e"}}), (Offsets{1, 2, 3, 4, 5}));
  EXPECT_EQ(offsets({.since = Position{3, "e"}}), (Offsets{4, 5}));
  EXPECT_EQ(offsets({.since = Position{5, "e"}}), Offsets{});
  EXPECT_EQ(offsets({.limit = 2, .since = Position{1, "e"}}), (Offsets{2, 3}));
  EXPECT_TRUE(stream.page({.limit = 2, .since = Position{1, "e"}}).more);
  EXPECT_FALSE(stream.page({.limit = 4, .since = Position{1, "e"}}).more);
  EXPECT_EQ(offsets({.limit = 0}), Offsets{});
}

TEST_F(StreamTest, GivesTheNewestFirstInReverse) {
  append(5);
  EXPECT_EQ(offsets({.limit = 2, .reverse = true}), (Offsets{5, 4}));
  EXPECT_EQ(offsets({.since = Position{3, "e"}, .reverse = true}), (Offsets{2, 1}));
  EXPECT_EQ(offsets({.since = Position{1, "e"}, .reverse = true}), Offsets{});
  stream.drop_oldest();
  stream.drop_oldest();
  EXPECT_EQ(offsets({.since = Position{2, "e"}, .reverse = true}), Offsets{});
  EXPECT_EQ(offsets({.since = Position{5, "e"}, .reverse = true}), (Offsets{4, 3}));
}

TEST_F(StreamTest, SaysWhenTheBeginningIsGone) {
  append(5);
  stream.drop_oldest();
  stream.drop_oldest();
  EXPECT_EQ(stream.page({.since = Position{1, "e"}}).gap, RecoveryGap::trimmed);
  EXPECT_EQ(offsets({.since = Position{1, "e"}}), (Offsets{3, 4, 5}));
  EXPECT_EQ(stream.page({.since = Position{2, "e"}}).gap, RecoveryGap::none);
  stream.clear();
  EXPECT_EQ(stream.page({.since = Position{4, "e"}}).gap, RecoveryGap::trimmed);
  EXPECT_EQ(stream.page({.since = Position{5, "e"}}).gap, RecoveryGap::none);
  EXPECT_EQ(stream.position(), (Position{5, "e"}));
  append(1);
  EXPECT_EQ(offsets({}), Offsets{6});
}

TEST_F(StreamTest, AnotherEpochOrTheFutureIsNoPositionOfThisStream) {
  append(2);
  EXPECT_EQ(stream.page({.since = Position{1, "x"}}).gap, RecoveryGap::epoch_changed);
  EXPECT_EQ(stream.page({.since = Position{3, "e"}}).gap, RecoveryGap::epoch_changed);
  EXPECT_EQ(offsets({.since = Position{1, "x"}}), Offsets{});
}

TEST_F(StreamTest, PublicationsExpireOneByOne) {
  append(2, TimePoint(10s));
  append(1, TimePoint(20s));
  stream.drop_expired(TimePoint(10s - 1ns));
  EXPECT_EQ(stream.size(), 3u);
  stream.drop_expired(TimePoint(10s));
  EXPECT_EQ(offsets({}), Offsets{3});
  EXPECT_EQ(stream.oldest_expires_at(), TimePoint(20s));
}

TEST_F(StreamTest, CountsItsBytesAndLetsGoOfThem) {
  append(100);
  const std::size_t each = stream.bytes() / 100;
  EXPECT_GE(each, sizeof(Publication));
  for (int i = 0; i < 60; ++i) stream.drop_oldest();
  EXPECT_EQ(stream.bytes(), 40 * each);
  append(3);
  EXPECT_EQ(stream.size(), 43u);
  EXPECT_EQ(offsets({.limit = 2}), (Offsets{61, 62}));
  stream.clear();
  EXPECT_EQ(stream.bytes(), 0u);
}

}  // namespace
}  // namespace usher::hub
