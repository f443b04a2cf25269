#include "bench/load/share.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

TEST(Share, OnePartIsAll) { EXPECT_EQ(share_of(10'000, 1, 0), (Share{0, 10'000})); }

TEST(Share, PiecesFollowOneAnotherAndAreAllOfIt) {
  for (const std::size_t total : {0, 1, 2, 7, 63, 64, 65, 1000}) {
    for (std::size_t parts = 1; parts <= 64; ++parts) {
      std::size_t next = 0;
      for (std::size_t part = 0; part < parts; ++part) {
        const Share share = share_of(total, parts, part);
        EXPECT_EQ(share.first, next) << total << " in " << parts;
        next += share.count;
      }
      EXPECT_EQ(next, total) << " in " << parts;
    }
  }
}

TEST(Share, NoPieceIsLargerThanAnotherByMoreThanOne) {
  EXPECT_EQ(share_of(8, 3, 0), (Share{0, 3}));
  EXPECT_EQ(share_of(8, 3, 1), (Share{3, 3}));
  EXPECT_EQ(share_of(8, 3, 2), (Share{6, 2}));
}

TEST(Share, WhereThereIsTooLittleTheLastGoWithout) {
  EXPECT_EQ(share_of(1, 2, 0), (Share{0, 1}));
  EXPECT_EQ(share_of(1, 2, 1), (Share{1, 0}));
}

}  // namespace
}  // namespace usher::bench
