#include "bench/load/tally.h"

#include <algorithm>
#include <utility>

namespace usher::bench {

void Tally::fail(std::string sentence) {
  if (failure.empty()) failure = std::move(sentence);
}

void Tally::merge(const Tally& other) {
  done += other.done;
  failed += other.failed;
  began = std::min(began, other.began);
  ended = std::max(ended, other.ended);
  times.merge(other.times);
  fail(other.failure);
}

}  // namespace usher::bench
