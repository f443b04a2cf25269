#include "ticket/tombstones.h"

#include <cstring>
#include <utility>

#include "base/check.h"

namespace usher::ticket {

Tombstones::Tombstones(std::size_t tombstones_max)
    : tombstones_max_(tombstones_max), index_(kIndexMin, kEmpty) {
  USHER_CHECK(tombstones_max > 0 && tombstones_max < kPositionMask);
}

std::optional<TimePoint> Tombstones::add(const Tombstone& tombstone) {
  std::optional<TimePoint> evicted;
  if (entries_.size() >= tombstones_max_) {
    evicted = entries_.front().forget_at;
    pop_front();
  }
  if ((entries_.size() + 1) * 4 > index_.size() * 3) resize_index(index_.size() * 2);
  const auto position = static_cast<Position>(front_ + entries_.size()) & kPositionMask;
  entries_.push_back(tombstone);
  index(tombstone.hash, position);
  return evicted;
}

const Tombstone* Tombstones::find(const TicketHash& hash) const {
  for (std::size_t slot = home(hash); index_[slot] != kEmpty; slot = next(slot)) {
    const Tombstone& tombstone = at(index_[slot]);
    if (tombstone.hash == hash) return &tombstone;
  }
  return nullptr;
}

Tombstone* Tombstones::find(const TicketHash& hash) {
  return const_cast<Tombstone*>(std::as_const(*this).find(hash));
}

std::size_t Tombstones::forget(TimePoint now, std::size_t batch) {
  std::size_t count = 0;
  for (; count < batch && !entries_.empty() && entries_.front().forget_at <= now; ++count) {
    pop_front();
  }
  return count;
}

// SHA-256 of our own tickets: no caller can make these collide. The first bytes chose the
// stripe.
std::size_t Tombstones::home(const TicketHash& hash) const {
  std::uint64_t word;
  std::memcpy(&word, hash.bytes.data() + 8, sizeof word);
  return word & (index_.size() - 1);
}

void Tombstones::pop_front() {
  unindex_front();
  entries_.pop_front();
  front_ = (front_ + 1) & kPositionMask;
  if (index_.size() > kIndexMin && entries_.size() * 8 < index_.size()) {
    resize_index(index_.size() / 2);
  }
}

void Tombstones::unindex_front() {
  std::size_t hole = home(entries_.front().hash);
  while (index_[hole] != front_) hole = next(hole);

  // An entry that a probe would find only beyond the hole moves into it, and leaves the next hole.
  for (std::size_t slot = next(hole); index_[slot] != kEmpty; slot = next(slot)) {
    const std::size_t wanted = home(at(index_[slot]).hash);
    const std::size_t mask = index_.size() - 1;
    if (((slot - wanted) & mask) < ((slot - hole) & mask)) continue;
    index_[hole] = index_[slot];
    hole = slot;
  }
  index_[hole] = kEmpty;
}

void Tombstones::resize_index(std::size_t slots) {
  index_.assign(slots, kEmpty);
  index_.shrink_to_fit();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    index(entries_[i].hash, static_cast<Position>(front_ + i) & kPositionMask);
  }
}

void Tombstones::index(const TicketHash& hash, Position position) {
  std::size_t slot = home(hash);
  while (index_[slot] != kEmpty) slot = next(slot);
  index_[slot] = position;
}

}  // namespace usher::ticket
