// Writes one connection's bytes: its outbox, the pong that is due, and whether the socket takes
// more.
//
// The limit is for peers that read slowly. When a frame does not fit and the socket takes more, the
// outbox is written at once; only bytes that the kernel refuses count. Pings of the peer cost no
// memory either: while the socket takes nothing, only the pong for the last ping waits (RFC 6455
// section 5.5.3).
//
// Threads: belongs to its connection's shard. Borrows, for one call each: the socket, the shard's
// JoinBuffer. Limits: `bytes_max` of push().
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "net/io_result.h"
#include "net/join_buffer.h"
#include "net/outbox.h"
#include "net/socket.h"
#include "wire/shared_frame.h"

namespace usher::net {

class SocketWriter {
 public:
  enum class Push : std::uint8_t { taken, full, failed };

  // Appends a frame to the outbox. `full`: the socket takes nothing more, and with this frame more
  // than `bytes_max` bytes would wait; the frame is not taken. `failed`: the socket is broken.
  // With `latest_of`, it takes the place of the frame with that number if that has not begun to
  // leave.
  Push push(const wire::SharedFrame& frame, std::size_t bytes_max, Socket& socket,
            JoinBuffer& joiner, std::uint32_t latest_of = 0);

  // Appends without a limit: the answer to the upgrade, a close frame.
  void push_last(std::string bytes);

  // Writes bytes at once if nothing waits, and lets those wait that the socket does not take, without
  // a limit. `taken`: all have left. `full`: some wait.
  Push pass_on(std::span<const char> bytes, Socket& socket);

  // Appends the answer to a ping. While the socket takes nothing, it replaces the answer that waits
  // already.
  void set_pong(std::string_view payload);

  // Returns the next parts to write, as many as `room` has places for.
  std::span<const iovec> gather(std::span<iovec> room);
  // Takes the result of sending those parts, `wanted` bytes. Returns false if the socket is broken.
  bool consume(const IoResult& sent, std::size_t wanted);

  // Writes until all has left, or the socket takes nothing more. Returns false if the socket is
  // broken.
  bool write_out(Socket& socket, JoinBuffer& joiner);

  // Drops the frames that have not begun to leave.
  void drop_unsent(const Socket& socket);

  // epoll says that the socket takes more.
  void set_writable() { blocked_ = false; }

  // Returns whether the socket has taken any bytes since the last call.
  bool take_progress() { return std::exchange(progress_, false); }

  // Returns whether nothing waits.
  bool empty() const { return outbox_.empty() && pong_ == nullptr; }
  // Returns the memory of the frames that wait, kFrameCost for each included.
  std::size_t cost() const { return outbox_.cost(); }
  // Returns whether the socket takes nothing until epoll reports it.
  bool is_blocked() const { return blocked_; }

 private:
  bool append(const wire::SharedFrame& frame, std::size_t bytes_max, std::uint32_t latest_of);
  IoResult write(std::span<iovec> parts, Socket& socket, JoinBuffer& joiner);
  void take_pong();

  Outbox outbox_;
  std::unique_ptr<std::string> pong_;  // the payload
  bool blocked_ = false;
  bool progress_ = false;
  bool must_repeat_ = false;  // OpenSSL has begun a record, and must get the same bytes again
};

}  // namespace usher::net
