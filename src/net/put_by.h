// Bytes that have been received and are handled in a later turn: the upgrade before them has not
// been answered, their connection has had its share of this turn, or its peer does not read.
//
// An offset says how many are used up, so no byte is moved, however many small messages they hold.
// The bytes may be changed in place (they are unmasked there), and wire::kSpareBytes behind them
// are readable. Empty, it is one pointer.
//
// Threads: belongs to one connection. Limits: the caller's; it stops reading.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "wire/ws_message.h"

namespace usher::net {

class PutBy {
 public:
  bool empty() const { return held_ == nullptr; }
  std::size_t size() const { return held_ == nullptr ? 0 : held_->bytes.size() - held_->used; }

  // Returns the memory that they occupy.
  std::size_t capacity() const { return held_ == nullptr ? 0 : held_->bytes.capacity(); }

  void append(std::span<const char> bytes) {
    if (bytes.empty()) return;
    if (held_ == nullptr) held_ = std::make_unique<Held>();
    held_->bytes.erase(0, std::exchange(held_->used, 0));  // the bytes that are used up
    held_->bytes.reserve(held_->bytes.size() + bytes.size() + wire::kSpareBytes);
    held_->bytes.append(bytes.data(), bytes.size());
  }

  // Returns the bytes that are left; good until append() or keep_last().
  std::span<char> bytes() {
    if (held_ == nullptr) return {};
    return std::span(held_->bytes).subspan(held_->used);
  }
  std::string_view text() const {
    if (held_ == nullptr) return {};
    return std::string_view(held_->bytes).substr(held_->used);
  }

  // Only the last `count` bytes are left.
  void keep_last(std::size_t count) {
    if (held_ == nullptr) return;
    if (count == 0) return held_.reset();
    held_->used = held_->bytes.size() - count;
  }

 private:
  struct Held {
    std::string bytes;
    std::size_t used = 0;
  };
  std::unique_ptr<Held> held_;
};

}  // namespace usher::net
