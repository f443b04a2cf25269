// The deliveries of one channel that wait until their subscriber has been told where they start.
//
// The list has a bound. When it is full, all deliveries in it are dropped. Then everything up to
// `lost_offset()` is missing, and nothing after it; the subscriber is told.
//
// Threads: plain values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hub/publication.h"

namespace usher::hub {

class HeldBack {
 public:
  std::size_t size() const { return deliveries_.size(); }

  void add(const Delivery& delivery) { deliveries_.push_back(delivery); }

  // Drops all, and remembers up to which offset.
  void drop_all() {
    for (const Delivery& lost : deliveries_) lost_offset_ = std::max(lost_offset_, lost.offset);
    deliveries_.clear();
  }

  // Drops all without a trace: the subscriber is told of it in another way.
  void clear() { deliveries_.clear(); }

  // Returns 0 if none was dropped.
  std::uint64_t lost_offset() const { return lost_offset_; }

  // Calls `deliver(delivery)` for each, except those that the answer has: up to `offset`. Deliveries
  // without an offset are in no answer.
  template <class Deliver>
  void release_after(std::uint64_t offset, Deliver&& deliver) const {
    for (const Delivery& delivery : deliveries_) {
      if (delivery.offset == 0 || delivery.offset > offset) deliver(delivery);
    }
  }

 private:
  std::vector<Delivery> deliveries_;
  std::uint64_t lost_offset_ = 0;
};

}  // namespace usher::hub
