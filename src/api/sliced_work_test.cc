#include "api/sliced_work.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace usher::api {
namespace {

class SlicedWorkTest : public testing::Test {
 protected:
  // A piece of so many slices, each of which leaves its letter in `done`.
  SlicedWork::Slice piece(char letter, int slices) {
    return [this, letter, slices]() mutable {
      done += letter;
      return --slices == 0;
    };
  }
  void run_turns() {
    while (!turns.empty()) {
      auto task = std::move(turns.front());
      turns.pop_front();
      task();
    }
  }

  std::string done;
  std::deque<UniqueFunction<void()>> turns;
  SlicedWork::InATurn in_a_turn = [this](UniqueFunction<void()> task) {
    turns.push_back(std::move(task));
  };
  SlicedWork work{in_a_turn};
};

TEST_F(SlicedWorkTest, ASliceATurnAndOnePieceAfterTheOther) {
  work.start(piece('a', 2));
  work.start(piece('b', 1));
  EXPECT_EQ(done, "a");
  EXPECT_EQ(turns.size(), 1u);
  run_turns();
  EXPECT_EQ(done, "aab");
  work.start(piece('c', 1));
  EXPECT_EQ(done, "aabc") << "at once, as nothing is under way";
}

TEST_F(SlicedWorkTest, APieceThatASliceStartsWaits) {
  work.start([this] {
    work.start(piece('b', 1));
    done += 'a';
    return true;
  });
  EXPECT_EQ(done, "a");
  run_turns();
  EXPECT_EQ(done, "ab");
}

TEST_F(SlicedWorkTest, ASliceThatThrowsEndsItsPieceAndNoOther) {
  work.start(piece('a', 2));
  work.start([]() -> bool { throw std::runtime_error("a broken invariant"); });
  work.start(piece('b', 1));
  turns.front()();
  turns.pop_front();
  EXPECT_THROW(turns.front()(), std::runtime_error);
  turns.pop_front();
  run_turns();
  EXPECT_EQ(done, "aab");
  EXPECT_THROW(work.start([]() -> bool { throw std::runtime_error("at once"); }),
               std::runtime_error);
  work.start(piece('c', 1));
  EXPECT_EQ(done, "aabc");
}

}  // namespace
}  // namespace usher::api
