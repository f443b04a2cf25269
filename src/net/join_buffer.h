// Joins several small frames to one range of bytes for the time of one write, because one range
// costs the kernel less than many. A connection with the same frames as the one before gets the
// same range: so the messages of a busy channel are copied once for all its subscribers.
//
// Threads: belongs to one shard.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <span>

namespace usher::net {

class JoinBuffer {
 public:
  static constexpr std::size_t kJoinedMax = 16 * 1024;
  static constexpr std::size_t kPartsMax = 64;

  // Returns how many of the first parts can become one range.
  static std::size_t joinable(std::span<const iovec> parts);

  // Returns whether there is room for any range. After clear() there is.
  bool has_room() const { return used_ + kJoinedMax <= bytes_.size(); }

  // Returns whether no range is in use. While a batch holds ranges, no other code may clear them.
  bool is_empty() const { return used_ == 0; }

  // Returns `parts` as one range, good until clear(). A single part is its own range, whatever its
  // size. Requires: there is room, and all parts are joinable.
  std::span<const char> join(std::span<const iovec> parts);

  void clear();

 private:
  std::array<char, 4 * kJoinedMax> bytes_{};
  std::size_t used_ = 0;
  std::array<iovec, kPartsMax> last_{};  // the parts of last_joined_
  std::size_t last_count_ = 0;
  std::span<const char> last_joined_;
};

}  // namespace usher::net
