// One connection to an upstream: dials, sends the upgrade request, reads the answer's head; then
// reads and writes the bytes of an open tunnel. Its life is in upstream_life.h.
//
// The addresses of a name are tried one after the other; each gets an equal part of the time that is
// left, so that a dead one does not use up all.
//
// Threads: belongs to its shard.  Owned by: its Tunnel, which is its Owner and outlives it.
// Borrows: the shard's context.  Limits: those of UpstreamTarget; wire::kAnswerHeadBytesMax.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "edge/tunnel.h"
#include "net/poller.h"
#include "net/shard_context.h"
#include "net/socket.h"
#include "net/socket_writer.h"
#include "net/timing_wheel.h"
#include "net/upstream_addresses.h"
#include "net/upstream_life.h"

namespace usher::net {

class UpstreamSocket final : public Pollable, public TimingWheel::Timer {
 public:
  class Owner {
   public:
    // epoll reports these events, or the deadline has passed. The owner hands them to
    // handle_events() or handle_deadline(); this is its chance to guard them.
    virtual void on_upstream_events(std::uint32_t events) = 0;
    virtual void on_upstream_deadline(TimePoint now) = 0;

    virtual void on_upstream_answer(const wire::HttpAnswer& answer) = 0;
    virtual void on_upstream_unreachable(const edge::Unreachable& reason) = 0;
    // Good during the call only.
    virtual void on_upstream_bytes(std::span<const char> bytes) = 0;
    // Returns how many bytes the owner takes now; not below kRoomMin, or reading stops.
    virtual std::size_t room_for_client() const = 0;
    // There is room for more bytes again.
    virtual void on_upstream_room() = 0;
    // The upstream has finished sending, or the connection is lost, while the tunnel is open.
    virtual void on_upstream_end() = 0;
    // The deadline that set_deadline() has set.
    virtual void on_upstream_timer(TimePoint now) = 0;
    // The socket is closed.
    virtual void on_upstream_closed() = 0;

   protected:
    ~Owner() = default;
  };

  UpstreamSocket(ShardContext& shard, Owner& owner) : shard_(shard), owner_(owner) {}

  UpstreamStage stage() const { return stage_; }

  // Which upstream it is, after dial().
  std::size_t upstream() const { return upstream_; }
  std::size_t buffer_bytes() const { return buffer_bytes_; }

  // Begins to dial. The caller must resolve the upstream's name, and call handle_addresses().
  void dial(std::size_t upstream, std::string request);

  // The answer was good: bytes pass from now on. Returns those that came behind it.
  std::string open();

  // Sends bytes behind those that wait. Requires: has_room().
  void send(std::span<const char> bytes);
  bool has_room() const { return room() >= kRoomMin; }
  std::size_t room() const;

  // Reads on, or does not, while the tunnel is open.
  void set_reading(bool on);
  // Sends no more after what waits; goes on reading.
  void finish_writing();
  // Lets the bytes that wait leave, waits a while for the upstream's end, and closes. `says_no_more`:
  // tells the upstream so at once; otherwise it has been sent a close frame, and closes by itself.
  void leave(bool says_no_more);
  // Closes at once.
  void abandon();

  void set_deadline(TimePoint deadline) { shard_.wheel().arm(*this, deadline); }

  void handle_events(std::uint32_t events);
  void handle_deadline(TimePoint now);
  void handle_addresses(std::vector<SocketAddress> addresses, const std::string& why);

  // The least room for which it is worth to read: a TLS record must fit.
  static constexpr std::size_t kRoomMin = 17 * 1024;

 private:
  // What is needed until the tunnel is open.
  struct Dial {
    std::string request;
    std::vector<SocketAddress> addresses;
    std::size_t next = 0;  // of addresses
    TimePoint until;
    std::string step;  // for a person
    wire::HttpAnswerReader reader;
  };

  void on_events(std::uint32_t events) override { owner_.on_upstream_events(events); }
  void on_deadline(TimePoint now) override { owner_.on_upstream_deadline(now); }

  bool advance(UpstreamEvent event);
  const UpstreamTarget& target() const { return shard_.upstreams().target(upstream_); }
  void try_next_address(const std::string& why);
  bool connect(const SocketAddress& address);
  void on_connected();
  void ask();
  void read_answer();
  void fail(edge::Unreachable::Why why, const std::string& what);
  void read_bytes();
  void discard();
  void flush();
  void end();
  void close();
  void watch();
  bool reads() const;
  IoResult receive(std::size_t most);

  ShardContext& shard_;
  Owner& owner_;
  Socket socket_{Fd(), nullptr};
  [[no_unique_address]] SocketWriter writer_;
  UpstreamStage stage_ = UpstreamStage::idle;
  std::uint8_t watched_ = 0;
  bool reading_ = true;
  bool read_wants_write_ = false;
  bool finishes_writing_ = false;  // when all has left
  bool has_ended_ = false;         // the upstream has finished sending
  bool lingers_ = false;           // has a place among the sockets that linger
  std::uint32_t upstream_ = 0;
  std::uint32_t buffer_bytes_ = 0;
  std::unique_ptr<Dial> dial_;  // null once the tunnel is open
};

}  // namespace usher::net
