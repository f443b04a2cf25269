// Bytes that have been received and are dealt with later: because the upgrade that they follow has
// not been answered, because their connection has had its share of this turn, or because its peer
// does not read.
//
// They are used up from the front by an offset: nothing is moved, however many small messages they
// hold. The bytes may be changed in place (they are unmasked there), and wire::kSpareBytes behind
// them are readable. Empty, it is one pointer.
//
// Threads: belongs to one connection. Limits: the caller's, who stops reading.
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

  // The memory that they occupy.
  std::size_t capacity() const { return held_ == nullptr ? 0 : held_->bytes.capacity(); }

  void append(std::span<const char> bytes) {
    if (bytes.empty()) return;
    if (held_ == nullptr) held_ = std::make_unique<Held>();
    held_->bytes.erase(0, std::exchange(held_->used, 0));  // what has been used up
    held_->bytes.reserve(held_->bytes.size() + bytes.size() + wire::kSpareBytes);
    held_->bytes.append(bytes.data(), bytes.size());
  }

  // What is left; good until append() or keep_last().
  std::span<char> bytes() {
    if (held_ == nullptr) return {};
    return std::span(held_->bytes).subspan(held_->used);
  }
  std::string_view text() const {
    if (held_ == nullptr) return {};
    return std::string_view(held_->bytes).substr(held_->used);
  }

  // Only the last `count` bytes are still to be dealt with.
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
