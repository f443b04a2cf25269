#include "redis/broker/stream_tracker.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace usher::redis {
namespace {

using Verdict = StreamTracker::Verdict;
using wire::RecoveryGap;

hub::HistoryPage page_of(std::uint64_t first, std::uint64_t last, const std::string& epoch = "e") {
  hub::HistoryPage page{.publications = {}, .position = {last, epoch}};
  for (std::uint64_t offset = first; offset <= last; ++offset) {
    auto publication = std::make_shared<hub::Publication>();
    publication->offset = offset;
    page.publications.push_back(publication);
  }
  return page;
}

std::vector<std::uint64_t> offsets(const hub::Publications& publications) {
  std::vector<std::uint64_t> found;
  for (const auto& publication : publications) found.push_back(publication->offset);
  return found;
}

TEST(StreamTracker, WhatFollowsIsDeliveredAndWhatWasThereIsNot) {
  StreamTracker tracker;
  tracker.begin({4, "e"});
  EXPECT_EQ(tracker.on_live(4, "e"), Verdict::drop);
  EXPECT_EQ(tracker.on_live(5, "e"), Verdict::deliver);
  EXPECT_EQ(tracker.on_live(5, "e"), Verdict::drop);
  EXPECT_EQ(tracker.on_live(6, "e"), Verdict::deliver);
  EXPECT_EQ(tracker.last(), (hub::Position{6, "e"}));
}

TEST(StreamTracker, WhatComesBeforeThePositionIsKnownIsInTheHistory) {
  StreamTracker tracker;
  EXPECT_EQ(tracker.on_live(5, "e"), Verdict::drop);
  tracker.begin({4, "e"});
  EXPECT_EQ(tracker.on_live(6, "e"), Verdict::deliver);
  StreamTracker other;
  EXPECT_EQ(other.on_live(5, "old"), Verdict::drop);
  other.begin({4, "e"});
  EXPECT_EQ(other.last(), (hub::Position{4, "e"}));
}

TEST(StreamTracker, AHoleIsFilledFromHistoryOnce) {
  StreamTracker tracker;
  tracker.begin({4, "e"});
  EXPECT_EQ(tracker.on_live(7, "e"), Verdict::behind);
  const auto caught = tracker.on_page(page_of(5, 7));
  EXPECT_FALSE(caught.lost);
  EXPECT_FALSE(caught.again);
  EXPECT_EQ(offsets(caught.publications), (std::vector<std::uint64_t>{5, 6, 7}));
  EXPECT_EQ(tracker.on_live(7, "e"), Verdict::drop);
  EXPECT_EQ(tracker.on_live(8, "e"), Verdict::deliver);
}

TEST(StreamTracker, WhatCameLiveBesideThePageIsNotGivenTwice) {
  StreamTracker tracker;
  tracker.begin({4, "e"});
  EXPECT_EQ(tracker.on_live(5, "e"), Verdict::deliver);
  EXPECT_EQ(offsets(tracker.on_page(page_of(5, 6)).publications), std::vector<std::uint64_t>{6});
}

TEST(StreamTracker, WhatCameLiveAfterThePageWasReadIsAskedForAgain) {
  StreamTracker tracker;
  tracker.begin({4, "e"});
  EXPECT_EQ(tracker.on_live(7, "e"), Verdict::behind);
  EXPECT_EQ(tracker.on_live(8, "e"), Verdict::behind);
  const auto first = tracker.on_page(page_of(5, 7));
  EXPECT_TRUE(first.again);
  const auto second = tracker.on_page(page_of(8, 8));
  EXPECT_FALSE(second.again);
  EXPECT_EQ(offsets(second.publications), std::vector<std::uint64_t>{8});
}

TEST(StreamTracker, APageThatWasCutShortIsFollowedByAnother) {
  StreamTracker tracker;
  tracker.begin({0, "e"});
  auto page = page_of(1, 2);
  page.more = true;
  page.position.offset = 3;
  EXPECT_TRUE(tracker.on_page(page).again);
  EXPECT_EQ(tracker.last().offset, 2u);
  EXPECT_FALSE(tracker.on_page(page_of(3, 3)).again);
}

TEST(StreamTracker, WhatIsGoneForGoodIsSaid) {
  StreamTracker trimmed;
  trimmed.begin({4, "e"});
  auto page = page_of(9, 10);
  page.gap = RecoveryGap::trimmed;
  const auto caught = trimmed.on_page(page);
  EXPECT_TRUE(caught.lost);
  EXPECT_TRUE(caught.publications.empty());
  EXPECT_EQ(trimmed.last(), (hub::Position{10, "e"}));
  EXPECT_EQ(trimmed.on_live(11, "e"), Verdict::deliver);

  StreamTracker changed;
  changed.begin({4, "e"});
  EXPECT_TRUE(changed.on_page(page_of(1, 1, "f")).lost);
  EXPECT_EQ(changed.on_live(2, "f"), Verdict::deliver);

  StreamTracker live;
  live.begin({4, "e"});
  EXPECT_EQ(live.on_live(1, "f"), Verdict::lost);
  EXPECT_EQ(live.on_live(2, "f"), Verdict::deliver);
}

// Live messages get lost at random, and pages are read at one time and arrive at another. Each
// publication is delivered once and in order.
TEST(StreamTracker, WhateverIsLostEverythingComesOnceAndInOrder) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    StreamTracker tracker;
    tracker.begin({0, "e"});
    std::uint64_t top = 0;
    std::vector<std::uint64_t> out;
    std::deque<std::uint64_t> flying;
    std::optional<hub::HistoryPage> page;
    bool wanted = false;
    const auto take_page = [&] {
      const auto caught = tracker.on_page(*std::exchange(page, std::nullopt));
      ASSERT_FALSE(caught.lost);
      for (const auto offset : offsets(caught.publications)) out.push_back(offset);
      wanted = caught.again;
    };
    for (int step = 0; step < 200; ++step) {
      switch (random() % 4) {
        case 0:
          ++top;
          if (random() % 3 != 0) flying.push_back(top);
          break;
        case 1:
          if (flying.empty()) break;
          switch (tracker.on_live(flying.front(), "e")) {
            case Verdict::deliver:
              out.push_back(flying.front());
              break;
            case Verdict::behind:
              wanted = true;
              break;
            case Verdict::drop:
              break;
            case Verdict::lost:
              FAIL();
          }
          flying.pop_front();
          break;
        case 2:
          if (wanted && !page) page = page_of(tracker.last().offset + 1, top);
          break;
        case 3:
          if (page) take_page();
          break;
      }
    }
    if (page) take_page();
    page = page_of(tracker.last().offset + 1, top);
    take_page();
    std::vector<std::uint64_t> all;
    for (std::uint64_t offset = 1; offset <= top; ++offset) all.push_back(offset);
    EXPECT_EQ(out, all) << "seed " << seed;
  }
}

}  // namespace
}  // namespace usher::redis
