// A hash set of pointers to objects that hold their own key: eight bytes a slot, no node and no
// copy of the key.
//
// Open addressing with linear probing; removing shifts back, so there are no tombstones. `Traits`
// returns the key of an object (`key(const T&)`) and the hash of a key (`hash(Key)`), which should
// be keyed where peers choose the keys.
//
// Threads: none of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"

namespace usher::hub {

template <class T, class Traits>
class PointerTable {
 public:
  using Key = typename Traits::Key;

  explicit PointerTable(Traits traits = {}) : traits_(std::move(traits)) {}

  T* find(const Key& key) const {
    if (slots_.empty()) return nullptr;
    for (std::size_t i = home(key);; i = next(i)) {
      if (slots_[i] == nullptr || traits_.key(*slots_[i]) == key) return slots_[i];
    }
  }

  // Requires: its key is not in the table.
  void insert(T& thing) {
    if ((size_ + 1) * 4 > slots_.size() * 3) resize(slots_.empty() ? 8 : slots_.size() * 2);
    put(thing);
    ++size_;
  }

  // Puts `other` in the place of `thing`. Requires: `thing` is in the table and both have the same
  // key.
  void replace(const T& thing, T& other) { slots_[slot_of(thing)] = &other; }

  // Requires: `thing` is in the table.
  void erase(const T& thing) {
    std::size_t hole = slot_of(thing);
    for (std::size_t i = next(hole); slots_[i] != nullptr; i = next(i)) {
      // An element may fill the hole unless its home lies between the hole and its place.
      const std::size_t from_home = (i - home(traits_.key(*slots_[i]))) & mask();
      const std::size_t from_hole = (i - hole) & mask();
      if (from_home < from_hole) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = nullptr;
    --size_;
    if (slots_.size() > 8 && size_ * 8 < slots_.size()) resize(slots_.size() / 2);
  }

  std::size_t size() const { return size_; }

  // Calls `visit` with each object. `visit` must not change the table.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (T* thing : slots_) {
      if (thing != nullptr) visit(*thing);
    }
  }

 private:
  std::size_t mask() const { return slots_.size() - 1; }
  std::size_t next(std::size_t i) const { return (i + 1) & mask(); }
  std::size_t home(const Key& key) const { return traits_.hash(key) & mask(); }

  std::size_t slot_of(const T& thing) const {
    USHER_CHECK(size_ > 0);
    std::size_t i = home(traits_.key(thing));
    while (slots_[i] != &thing) {
      USHER_CHECK(slots_[i] != nullptr);
      i = next(i);
    }
    return i;
  }

  void put(T& thing) {
    std::size_t i = home(traits_.key(thing));
    while (slots_[i] != nullptr) i = next(i);
    slots_[i] = &thing;
  }

  void resize(std::size_t slots) {
    std::vector<T*> old(slots);
    old.swap(slots_);
    for (T* thing : old) {
      if (thing != nullptr) put(*thing);
    }
  }

  Traits traits_;
  std::vector<T*> slots_;  // a power of two, or none
  std::size_t size_ = 0;
};

}  // namespace usher::hub
