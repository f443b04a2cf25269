// The bytes that one connection has still to write: frames in order, the first perhaps sent in
// part.
//
// An empty outbox owns nothing: it is one pointer, so idle connections pay eight bytes. The shell
// pushes the frames of the hub and the session, and at the end of the loop's turn hands all of them
// to one system call:
//
//     iovec parts[Outbox::kGatherMax];
//     const auto count = outbox.gather(parts);
//     outbox.consume(bytes that the socket took);
//
// Threads: none of its own; belongs to one connection.
// Limits: `bytes_max` of push(), over cost(): the bytes that are not yet consumed, and kFrameCost
// for each frame, so that many small frames cannot hold more memory than the limit says. kPlacesMax
// for push_latest(), each call of which looks at all of them.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "wire/shared_frame.h"

namespace usher::net {

class Outbox {
 public:
  static constexpr std::size_t kGatherMax = 64;

  Outbox();
  Outbox(Outbox&& other) noexcept;
  Outbox& operator=(Outbox&& other) noexcept;
  ~Outbox();

  // The memory of a frame besides its bytes: its string, its reference count, its place here.
  static constexpr std::size_t kFrameCost = 64;
  // Frames that another may replace. Beyond it the oldest is sent as it is.
  static constexpr std::size_t kPlacesMax = 256;

  // Appends a frame. Returns false, and does not take it, if cost() would then be over `bytes_max`.
  // An empty outbox takes a frame of any size, so that no limit on messages depends on this one. An
  // empty frame is dropped.
  [[nodiscard]] bool push(wire::SharedFrame frame, std::size_t bytes_max);
  [[nodiscard]] bool push(std::string bytes, std::size_t bytes_max);

  // The same for a frame that takes the place of the one that was pushed with the same number, if
  // that one still waits. A frame that may have begun to leave stays: one of which bytes are
  // written, or that has any of the next `begun_bytes` bytes. Requires: `number` is not 0.
  [[nodiscard]] bool push_latest(wire::SharedFrame frame, std::uint32_t number,
                                 std::size_t bytes_max, std::size_t begun_bytes);

  // Points `out` at the next bytes to write, in order. Returns how many entries were filled. They
  // stay good until the next consume() or clear(), whatever is pushed.
  std::size_t gather(std::span<iovec> out) const;

  // The first `bytes` have been written. Requires: bytes <= this->bytes().
  void consume(std::size_t bytes);

  // Drops all frames except those that hold any of the next `bytes` bytes, and the first if part of
  // it has been written: a frame that has begun must be completed.
  void drop_behind(std::size_t bytes);

  // Drops all frames.
  void clear();

  std::size_t bytes() const;
  // bytes(), and kFrameCost for each frame.
  std::size_t cost() const;
  bool empty() const { return queue_ == nullptr; }

 private:
  struct Chunk;
  struct Latest;
  struct Queue;

  bool has_begun(const wire::SharedFrame& place, std::size_t begun_bytes) const;
  void drop_first();

  std::unique_ptr<Queue> queue_;
};

static_assert(sizeof(Outbox) == sizeof(void*));

}  // namespace usher::net
