#include "hub/connection_counts.h"

#include <utility>

namespace usher::hub {
namespace {

constexpr unsigned kShardBits = 24;

}  // namespace

std::optional<ConnectionCounts::Connection> ConnectionCounts::add(std::uint64_t key,
                                                                  Connection connection) {
  if (max_ == 0) {
    if (++unlimited_[key] == 1) ++distinct_;
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
  if (count == 0) ++distinct_;
  if (count < max_) return std::nullopt;

  const Connection evicted{
      slots_[oldest].client,
      static_cast<std::uint32_t>(slots_[oldest].order & ((1u << kShardBits) - 1))};
  erase(oldest);
  return evicted;
}

void ConnectionCounts::remove(std::uint64_t key, ClientId client) {
  if (max_ == 0) {
    const auto found = unlimited_.find(key);
    if (found == unlimited_.end() || --found->second > 0) return;
    unlimited_.erase(found);
    --distinct_;
    return;
  }
  if (slots_.empty()) return;
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
  if (!place) return;
  erase(*place);
  if (!others) --distinct_;
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
