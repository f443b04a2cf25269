// Does large pieces of work in slices: one slice in each turn of the shard's loop, one piece after
// the other.
//
// A slice that throws ends its piece, and the next piece has its turn all the same.
//
// Threads: one per shard.
#pragma once

#include <deque>
#include <functional>

#include "base/unique_function.h"

namespace usher::api {

class SlicedWork {
 public:
  // Does some of a piece; whether that was the last of it.
  using Slice = UniqueFunction<bool()>;
  // Runs a task in a turn of its own, later.
  using InATurn = std::function<void(UniqueFunction<void()>)>;

  // Borrows `in_a_turn`.
  explicit SlicedWork(const InATurn& in_a_turn) : in_a_turn_(in_a_turn) {}

  // The first slice is done at once where no other piece is under way.
  void start(Slice slice);

 private:
  void take_turn();
  void go_on(bool is_done);

  const InATurn& in_a_turn_;
  std::deque<Slice> waiting_;  // the first one is under way
  bool turn_is_coming_ = false;
};

}  // namespace usher::api
