// The upstream's side of an open tunnel: reads and writes the upstream's bytes, and leaves so that
// the last ones arrive. upstream_dial.h makes its socket.
//
//     closed ─open()▶ open ─leave()▶ leaving ─▶ closed
//
// Threads: belongs to its shard.  Owned by: its Tunnel, which is its Owner and outlives it.
// Borrows: the shard's context.  Limits: UpstreamTarget::buffer_bytes; ShardOptions::goodbye_timeout,
// linger_timeout, lingering_max.
#pragma once

#include <cstdint>
#include <exception>
#include <span>

#include "base/clock.h"
#include "net/poller.h"
#include "net/shard_context.h"
#include "net/socket.h"
#include "net/socket_writer.h"
#include "net/timing_wheel.h"
#include "net/upstream_addresses.h"
#include "net/watch.h"

namespace usher::net {

class UpstreamSocket final : public Pollable, public TimingWheel::Timer {
 public:
  class Owner {
   public:
    // Good during the call only.
    virtual void on_upstream_bytes(std::span<const char> bytes) = 0;
    // Returns how many bytes the owner takes now; not below kRoomMin, or reading stops.
    virtual std::size_t room_for_client() const = 0;
    // There is room for more bytes again.
    virtual void on_upstream_room() = 0;
    // The connection is lost, or closed on both sides, while the tunnel is open. What the upstream
    // has said before is still to be read; on_upstream_end() follows behind it.
    virtual void on_upstream_lost() = 0;
    // The upstream has finished sending, and all of it has been read.
    virtual void on_upstream_end() = 0;
    // The deadline that set_deadline() has set.
    virtual void on_upstream_timer(TimePoint now) = 0;
    // The socket is closed.
    virtual void on_upstream_closed() = 0;
    // An invariant is broken, here or in a call of the owner.
    virtual void break_off(const std::exception& broken) = 0;

   protected:
    ~Owner() = default;
  };

  enum class Stage : std::uint8_t {
    closed,   // or not open yet
    open,     // bytes pass in both directions
    leaving,  // the last bytes leave, and the upstream's end is awaited; what it says is dropped
  };

  UpstreamSocket(ShardContext& shard, Owner& owner) : shard_(shard), owner_(owner) {}

  Stage stage() const { return stage_; }

  // Passes bytes from now on, but reads none until set_reading(). Takes over the descriptor in the
  // shard's epoll set, where it is for no event. Requires: stage() is closed; it was never open.
  void open(Socket socket, std::size_t upstream);

  const UpstreamTarget& target() const { return shard_.upstreams().target(upstream_); }

  // Returns whether it takes nothing more; what it has said may still be read.
  bool is_lost() const { return is_lost_; }

  // Sends bytes behind those that wait. Requires: has_room(), but for a last frame. A lost connection
  // takes none.
  void send(std::span<const char> bytes);
  bool has_room() const { return room() >= kRoomMin; }
  // Returns how many bytes more may wait. None in a lost connection.
  std::size_t room() const;

  // Reads, or does not, while the tunnel is open.
  void set_reading(bool on);
  // Sends no more after what waits; goes on reading.
  void finish_writing();
  // Lets the bytes that wait leave, waits a while for the upstream's end, and closes. `says_no_more`:
  // tells the upstream so at once; otherwise it has been sent a close frame, and closes by itself.
  void leave(bool says_no_more);
  // Closes at once.
  void abandon();

  void set_deadline(TimePoint deadline) { shard_.wheel().arm(*this, deadline); }

  // The least room for which it is worth to read: a TLS record must fit.
  static constexpr std::size_t kRoomMin = 17 * 1024;

 private:
  void on_events(std::uint32_t events) override;
  void on_deadline(TimePoint now) override;

  template <class Work>
  void guarded(Work work);
  void handle_events(std::uint32_t events);
  void handle_events_while_open(bool writable, bool readable, bool is_hung_up);
  void read_bytes();
  void discard();
  void flush();
  void lose_writing();
  void linger();
  void end();
  void close();
  void watch();
  bool reads() const;
  IoResult receive(std::size_t most);

  ShardContext& shard_;
  Owner& owner_;
  Socket socket_{Fd(), nullptr};
  [[no_unique_address]] SocketWriter writer_;
  Stage stage_ = Stage::closed;
  Watch watch_;
  bool reading_ = false;
  bool read_wants_write_ = false;  // OpenSSL must write before it can read on
  bool finishes_writing_ = false;  // when all has left
  bool is_lost_ = false;
  bool has_ended_ = false;  // the upstream has finished sending
  bool lingers_ = false;    // has a place among the sockets that linger
  std::uint32_t upstream_ = 0;
};

}  // namespace usher::net
