// What one connection has yet to write, and how it leaves: the outbox, the pong that is due, the
// socket's readiness.
//
// The limit is about the reader's slowness. A frame that does not fit is no reason to end anything
// as long as the socket takes more: what waits is written at once, and only what the kernel refuses
// counts. Control frames of the peer cost no memory either: while the socket takes nothing, one
// pong waits, for the last ping (RFC 6455 section 5.5.3).
//
// Threads: belongs to its connection's shard. Borrows, for one call each: the socket, the shard's
// JoinBuffer. Limits: `bytes_max` of push().
#pragma once

#include <sys/uio.h>

#include <cstddef>
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

  // At the end of the outbox. `full`: the socket takes nothing more, and with this frame more than
  // `bytes_max` bytes would wait; the frame is not taken. `failed`: the socket is broken.
  Push push(const wire::SharedFrame& frame, std::size_t bytes_max, Socket& socket,
            JoinBuffer& joiner);

  // Whatever the limit: an answer to the upgrade, a close frame.
  void push_last(std::string bytes);

  // The answer to a ping: at the end of the outbox; or, while the socket takes nothing, in the
  // place of the answer that waits already.
  void set_pong(std::string_view payload);

  // The parts that are to be written, as many as `room` has places.
  std::span<const iovec> gather(std::span<iovec> room);
  // What came of sending those parts, `wanted` bytes, elsewhere. False: the socket is broken.
  bool consume(const IoResult& sent, std::size_t wanted);

  // Writes until all has left or the socket takes nothing more. False: the socket is broken.
  bool write_out(Socket& socket, JoinBuffer& joiner);

  // Forgets what has not begun to leave.
  void drop_unsent(const Socket& socket);

  // epoll says that the socket takes more.
  void set_writable() { blocked_ = false; }

  // Whether the socket has taken anything since the last call.
  bool take_progress() { return std::exchange(progress_, false); }

  // Nothing waits.
  bool empty() const { return outbox_.empty() && pong_ == nullptr; }
  // What waits, in memory: each frame with what it costs besides its bytes.
  std::size_t cost() const { return outbox_.cost(); }
  // The socket takes nothing until epoll says so.
  bool is_blocked() const { return blocked_; }

 private:
  IoResult write(std::span<iovec> parts, Socket& socket, JoinBuffer& joiner);
  void take_pong();

  Outbox outbox_;
  std::unique_ptr<std::string> pong_;  // the payload
  bool blocked_ = false;
  bool progress_ = false;
};

}  // namespace usher::net
