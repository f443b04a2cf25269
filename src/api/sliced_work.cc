#include "api/sliced_work.h"

#include <utility>

namespace usher::api {

void SlicedWork::start(Slice slice) {
  waiting_.push_back(std::move(slice));
  if (!turn_is_coming_) take_turn();
}

void SlicedWork::take_turn() {
  // A slice may start the next piece of work, which then waits.
  turn_is_coming_ = true;
  bool is_done = true;
  try {
    is_done = waiting_.front()();
  } catch (...) {
    go_on(true);
    throw;
  }
  go_on(is_done);
}

void SlicedWork::go_on(bool is_done) {
  if (is_done) waiting_.pop_front();
  if (waiting_.empty()) {
    turn_is_coming_ = false;
    return;
  }
  in_a_turn_([this] { take_turn(); });
}

}  // namespace usher::api
