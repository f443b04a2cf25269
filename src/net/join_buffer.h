// Where several small frames become one range of bytes, for as long as one write takes: a range
// costs the kernel less than many do. A connection that has the same frames as the one before gets
// the same range: so what a busy channel says to all its subscribers is copied once.
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

  // How many of the first parts can become one range.
  static std::size_t joinable(std::span<const iovec> parts);

  // Whether there is room for any range. After clear() there is.
  bool has_room() const { return used_ + kJoinedMax <= bytes_.size(); }

  // No range is in use. While a batch holds ranges, nothing else may clear them.
  bool is_empty() const { return used_ == 0; }

  // `parts` as one range, good until clear(). A single part is its own, whatever its size. Requires
  // room, and that all parts are joinable.
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
