#include "hub/connection_counts.h"

#include <utility>

namespace usher::hub {
namespace {

constexpr unsigned kShardBits = 24;

}  // namespace

void ConnectionCounts::set_max(std::size_t connections_max) { max_ = connections_max; }

bool ConnectionCounts::has_slot(std::uint64_t key) const {
  if (slots_.empty()) return false;
  for (std::size_t i = home(key); slots_[i].client.value != 0; i = next(i)) {
    if (slots_[i].key == key) return true;
  }
  return false;
}

std::optional<ConnectionCounts::Connection> ConnectionCounts::add(std::uint64_t key,
                                                                  Connection connection) {
  if (max_ == 0) {
    if (++unlimited_[key] == 1 && !has_slot(key)) ++distinct_;
    return std::nullopt;
  }
  if ((size_ + 1) * 8 > slots_.size() * 7) grow();

  std::size_t count = 0;
  std::size_t oldest = 0;
  std::size_t i = home(key);
  for (; slots_[i].client.value != 0; i = next(i)) {
    if (slots_[i].key != key) continue;
    if (count++ == 0 || slots_[i].order < slots_[oldest].order) oldest = i;
  }
  slots_[i] = {key, connection.client, arrivals_++ << kShardBits | connection.shard};
  ++size_;
  if (count == 0 && !unlimited_.contains(key)) ++distinct_;
  if (count < max_) return std::nullopt;

  const Connection evicted{
      slots_[oldest].client,
      static_cast<std::uint32_t>(slots_[oldest].order & ((1u << kShardBits) - 1))};
  erase(oldest);
  return evicted;
}

void ConnectionCounts::remove(std::uint64_t key, ClientId client) {
  if (slots_.empty()) return remove_unlimited(key);
  std::optional<std::size_t> place;
  bool others = false;
  for (std::size_t i = home(key); slots_[i].client.value != 0; i = next(i)) {
    if (slots_[i].key != key) continue;
    if (slots_[i].client == client) {
      place = i;
    } else {
      others = true;
    }
  }
  if (!place) return remove_unlimited(key);
  erase(*place);
  if (!others && !unlimited_.contains(key)) --distinct_;
}

void ConnectionCounts::remove_unlimited(std::uint64_t key) {
  const auto found = unlimited_.find(key);
  if (found == unlimited_.end() || --found->second > 0) return;
  unlimited_.erase(found);
  if (!has_slot(key)) --distinct_;
}

void ConnectionCounts::put(const Slot& slot) {
  std::size_t i = home(slot.key);
  while (slots_[i].client.value != 0) i = next(i);
  slots_[i] = slot;
}

void ConnectionCounts::erase(std::size_t hole) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = next(hole); slots_[i].client.value != 0; i = next(i)) {
    const std::size_t from_home = (i - home(slots_[i].key)) & mask;
    if (from_home < ((i - hole) & mask)) continue;
    slots_[hole] = slots_[i];
    hole = i;
  }
  slots_[hole] = {};
  --size_;
}

void ConnectionCounts::grow() {
  std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.client.value != 0) put(slot);
  }
}

}  // namespace usher::hub
