// The tickets that were spent or have expired: their hash, how they ended, and when.
//
// Tombstones are kept in the order in which the tickets ended, so the oldest is removed from the
// front. The index is an open addressing table of positions in that order, with linear probing.
// Removal shifts the following entries back, so no deletion marker is needed. A tombstone takes 48
// bytes, and 5 to 11 bytes of index.
//
// Threads: none of its own.
// Limits: tombstones_max; above it the oldest is dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "ticket/ticket.h"

namespace usher::ticket {

struct Tombstone {
  TicketHash hash;
  TimePoint forget_at;
  Duration::rep since : 62;  // in clock ticks: the redemption if consumed, else the issue
  bool consumed : 1;
  bool ended : 1;  // whether the connection that it opened has ended
  Tombstone(const TicketHash& h, bool was_consumed, TimePoint at, TimePoint forget)
      : hash(h),
        forget_at(forget),
        since(at.time_since_epoch().count()),
        consumed(was_consumed),
        ended(false) {}
  Duration age(TimePoint now) const { return now.time_since_epoch() - Duration(since); }
};
static_assert(sizeof(Tombstone) == 48);

class Tombstones {
 public:
  // Requires: 0 < tombstones_max < 2^31.
  explicit Tombstones(std::size_t tombstones_max);

  // Requires: the hash is not in the table. If the oldest tombstone had to be dropped, returns the
  // time at which it would have been forgotten.
  std::optional<TimePoint> add(const Tombstone& tombstone);

  // Returns null if there is none. The pointer is valid until the next add() or forget().
  const Tombstone* find(const TicketHash& hash) const;
  Tombstone* find(const TicketHash& hash);

  // Drops expired entries from the front, at most `batch`. Returns their number.
  std::size_t forget(TimePoint now, std::size_t batch);

  std::size_t size() const { return entries_.size(); }
  std::size_t index_bytes() const { return index_.size() * sizeof(Position); }

 private:
  // Numbers tombstones from the first one ever, modulo 2^31. The front's position is front_.
  using Position = std::uint32_t;
  static constexpr Position kEmpty = 0xffffffff;
  static constexpr Position kPositionMask = 0x7fffffff;
  static constexpr std::size_t kIndexMin = 16;

  const Tombstone& at(Position position) const {
    return entries_[(position - front_) & kPositionMask];
  }
  std::size_t home(const TicketHash& hash) const;
  std::size_t next(std::size_t slot) const { return (slot + 1) & (index_.size() - 1); }
  void pop_front();
  void unindex_front();
  void resize_index(std::size_t slots);
  void index(const TicketHash& hash, Position position);

  const std::size_t tombstones_max_;
  std::deque<Tombstone> entries_;
  Position front_ = 0;
  std::vector<Position> index_;  // a power of two, at most three quarters full
};

}  // namespace usher::ticket
