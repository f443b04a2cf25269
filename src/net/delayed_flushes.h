// Sockets whose outboxes may wait a little, so that several messages leave in one write.
//
// A namespace has a `write_delay`. The first message with that delay begins a window; all sockets
// that get a message with the same delay before the window ends are written when it ends, together.
// So a message waits for its delay at most, the shard needs one timer for each delay and none for a
// connection, and sockets with the same messages are written one after the other.
//
// Only the flush waits. The message is in the outbox at once, in its place: whatever else makes the
// socket flush (a reply, a ping, a close frame, a message without a delay) takes it along.
//
// Threads: belongs to one shard. Knows no clock: time is an argument.
// Borrows: the sockets in the windows, which must live as long as is_delayed() says.
// Limits: kWindowsMax different delays at a time; a socket with another one does not wait.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace usher::net {

class AcceptedSocket;

class DelayedFlushes {
 public:
  static constexpr std::size_t kWindowsMax = 8;

  // In each socket: the windows that it is in.
  class Mark {
   public:
    bool is_delayed() const { return windows_ != 0; }

   private:
    friend class DelayedFlushes;
    std::uint8_t windows_ = 0;  // one bit for each
  };

  // The socket is flushed before `delay` has passed since `now`. Returns false if no window is free:
  // then the caller must flush it.
  [[nodiscard]] bool add(AcceptedSocket& socket, Mark& mark, Duration delay, TimePoint now);

  // Calls `flush(socket)` for the sockets whose windows have ended. It must not call add().
  template <class Flush>
  void end_windows(TimePoint now, Flush&& flush) {
    for (std::size_t i = 0; open_ > 0 && i < kWindowsMax; ++i) {
      if (!has_ended(windows_[i], now)) continue;
      for (const Waiting& waiting : windows_[i].sockets) {
        take_out(*waiting.mark, i);
        flush(*waiting.socket);
      }
      close(windows_[i]);
    }
  }

  // Returns when end_windows() is needed next.
  std::optional<TimePoint> next() const;

 private:
  struct Waiting {
    AcceptedSocket* socket;
    Mark* mark;  // the socket's
  };
  struct Window {
    Duration delay{};
    TimePoint ends;
    std::vector<Waiting> sockets;  // empty: the window is free
  };

  static bool has_ended(const Window& window, TimePoint now);
  static void take_out(Mark& mark, std::size_t window);
  void close(Window& window);

  std::array<Window, kWindowsMax> windows_;
  std::size_t open_ = 0;  // windows that are not free
};

}  // namespace usher::net
