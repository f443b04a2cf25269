#include "base/unique_function.h"

#include <array>
#include <memory>

#include <gtest/gtest.h>

namespace usher {
namespace {

using Count = UniqueFunction<int(int)>;

TEST(UniqueFunctionTest, HoldsWhatCanOnlyBeMoved) {
  Count add([number = std::make_unique<int>(40)](int more) { return *number += more; });
  EXPECT_EQ(add(1), 41);
  Count moved(std::move(add));
  EXPECT_FALSE(add);
  EXPECT_EQ(moved(1), 42);
}

TEST(UniqueFunctionTest, LargeCapturesMoveWithoutBeingCopied) {
  struct Large {
    std::array<int, 100> numbers{};
    std::shared_ptr<int> alive = std::make_shared<int>(1);
  };
  Large large;
  const std::weak_ptr<int> alive = large.alive;
  static_assert(sizeof(Large) > Count::kInlineBytes);
  {
    Count first([large = std::move(large)](int i) { return large.numbers[0] + i; });
    Count second;
    second = std::move(first);
    EXPECT_FALSE(first);
    EXPECT_EQ(second(7), 7);
    EXPECT_EQ(alive.use_count(), 1);
  }
  EXPECT_TRUE(alive.expired());
}

TEST(UniqueFunctionTest, AssignmentDestroysWhatWasHeldBefore) {
  auto kept = std::make_shared<int>(0);
  const std::weak_ptr<int> alive = kept;
  Count function([kept = std::move(kept)](int) { return 0; });
  EXPECT_FALSE(alive.expired());
  function = Count([](int i) { return i; });
  EXPECT_TRUE(alive.expired());
  function = nullptr;
  EXPECT_FALSE(function);
}

TEST(UniqueFunctionTest, PassesMoveOnlyArgumentsAndReferences) {
  UniqueFunction<void(std::unique_ptr<int>, int&)> store(
      [](std::unique_ptr<int> from, int& to) { to = *from; });
  int to = 0;
  store(std::make_unique<int>(5), to);
  EXPECT_EQ(to, 5);
}

TEST(UniqueFunctionTest, ASmallOneIsSevenWords) { EXPECT_EQ(sizeof(Count), 7 * sizeof(void*)); }

TEST(UniqueFunctionDeathTest, CallingAnEmptyOneEndsTheProcess) {
  Count empty;
  EXPECT_DEATH(empty(1), "does not hold");
}

}  // namespace
}  // namespace usher
