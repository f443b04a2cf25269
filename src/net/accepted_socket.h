// One accepted socket, whatever its bytes mean: its phase and deadline (lifecycle.h), the events
// that epoll reports, and its outbox. Connection derives from it and gives the bytes their meaning.
//
// It is a base class, and not a member of Connection with a listener: each idle connection would
// pay for the references between the two.
//
// A full outbox or a broken socket is found while the hub delivers or the shard writes. No code of
// a session runs then: the socket asks for a turn (docs/adr/0001-turns.md).
//
// Threads: belongs to its shard.  Owns: the socket and its outbox.  Borrows: the shard's context.
// Limits: ShardOptions::outbox_bytes_max, lingering_max, goodbye_timeout, linger_timeout.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "edge/session.h"
#include "net/lifecycle.h"
#include "net/poller.h"
#include "net/shard_context.h"
#include "net/socket.h"
#include "net/socket_writer.h"
#include "net/timing_wheel.h"
#include "net/turn_list.h"
#include "net/watch.h"
#include "wire/shared_frame.h"
#include "wire/ws_frame.h"

namespace usher::net {

class AcceptedSocket : public Pollable,
                       public TimingWheel::Timer,
                       public Listed<FlushStep>,
                       public Listed<RunStep> {
 public:
  AcceptedSocket(ShardContext& shard, Socket socket);
  ~AcceptedSocket() override = default;

  ShardContext& shard() { return shard_; }
  int fd() const { return socket_.fd(); }
  Phase phase() const { return phase_; }

  // ---- for the shard ----
  // Where it stands in the ConnectionTable.
  std::size_t index() const { return index_; }
  void set_index(std::size_t index) { index_ = static_cast<std::uint32_t>(index); }
  // The turn that was asked for.
  virtual void run() = 0;
  // Returns whether a list of the loop refers to it: then it must not be destroyed yet.
  bool is_listed() const {
    return Listed<FlushStep>::is_listed() || Listed<RunStep>::is_listed() ||
           delay_mark_.is_delayed();
  }
  // Returns whether it is a WebSocket whose socket is not closed.
  bool is_admitted() const { return rules().admitted; }
  // Returns whether it is between two requests: no request is under way or waits.
  virtual bool is_idle_http() const { return false; }
  virtual bool awaits_goodbye() const = 0;
  virtual void say_goodbye(Duration retry_after) = 0;

  // ---- for HttpConnection ----
  // Appends `bytes` to the outbox, whatever its limit, so that an answer or the reason of the end
  // always fits.
  void push_last(std::string bytes);
  // These were the last bytes: when the outbox has left, the socket lingers.
  void end_after_sending() { advance(Event::said_last); }
  // Closes the socket at once.
  void abandon() { advance(Event::gone); }
  // Reads the peer's bytes or not, in phases with Reading::as_asked.
  void set_reading(bool on);
  void set_deadline(std::optional<TimePoint> deadline);
  // Asks for a turn of the loop in which nothing else runs.
  virtual void ask_for_turn() { shard_.to_run().add(*this); }

  // ---- for Flusher ----
  // Writes the outbox, as much as the socket takes.
  void flush();
  // The same in two steps. First: returns the parts of the outbox, or none if only flush() can
  // write them. Second: takes the result of sending those parts, `wanted` bytes.
  std::span<const iovec> gather_for_batch(std::span<iovec> room);
  void finish_flush(const IoResult& sent, std::size_t wanted);

 protected:
  const PhaseRules& rules() const { return rules_of(phase_); }

  // Joins the shard's epoll set. False when the kernel refuses.
  bool start();
  // The same for a socket that another object has given up (take_socket), which is in the set.
  void start_in_place_of_another();
  // Gives the socket up. The caller must call abandon() next.
  Socket take_socket() { return std::move(socket_); }

  // Changes the phase as the table says. If all places to linger are taken, the socket closes
  // instead of lingering. Returns whether the phase has changed.
  bool advance(Event event);

  // Reads once for each event, so that a peer that sends without end does not make others wait. The
  // rest is reported again: epoll is level-triggered, and OpenSSL keeps nothing back, because the
  // buffer takes a whole record. Returns bytes that are good until the next read of the shard; no
  // bytes if none have come, or none are to be read; `nullopt` if the peer has ended, or the socket
  // is broken.
  std::optional<std::span<char>> receive();
  // The same, of at most `most` bytes, with the result as it is. Requires: `most` takes a record.
  IoResult receive(std::size_t most);
  bool has_to_read(std::uint32_t events) const {
    return (events & EPOLLIN) != 0 || read_wants_write_;
  }
  // epoll says that the socket takes more.
  void note_writable();
  // The peer has hung up, and its last bytes are read later: epoll does not say it again meanwhile.
  void note_hang_up() { watch_.note_hang_up(shard_.poller(), socket_.fd(), *this); }

  // Appends a frame, while the phase lets the session send.
  void push(const wire::SharedFrame& frame) { push(frame, {}); }
  // The frame may leave later, or take another's place.
  void push(const wire::SharedFrame& frame, const wire::Gathering& how);
  void push(wire::Opcode opcode, std::string_view payload);
  // Writes bytes that are no frame of ours, behind those that wait. What the socket does not take
  // waits, whatever the limit: the caller must stop before that is too much.
  void pass_on(std::span<const char> bytes);
  // Returns the memory of the bytes that wait.
  std::size_t waiting_bytes() const { return writer_.cost(); }
  // Answers a ping.
  void push_pong(std::string_view payload);
  // Drops the part of the outbox that has not begun to leave.
  void drop_unsent() { writer_.drop_unsent(socket_); }

  // Half of the outbox waits for the peer to read.
  bool is_full() const;
  // How many bytes more may wait before is_full().
  std::size_t outbox_room() const;
  // Whether the peer has read anything since the last call.
  bool take_progress() { return writer_.take_progress(); }

  // The peer is not served until it has read; then ask_for_turn() follows.
  void wait_for_room() { waits_for_room_ = true; }
  void stop_waiting_for_room() { waits_for_room_ = false; }
  bool waits_for_room() const { return waits_for_room_; }

 private:
  // All of the outbox has left, in a phase with acts_on_sent. Must run no code of a session.
  virtual void on_all_sent() = 0;
  // The socket is closed; the last call.
  virtual void on_closed() = 0;

  void enter(Phase phase);
  void close_socket(const PhaseRules& before);
  // Runs `work` while something else is under way: a delivery of the hub, or the shard's writing. A
  // failure is handled in a later turn.
  template <class Work>
  void guarded_in_flush(Work work);
  void flush_later() { shard_.to_flush().add(*this); }
  void flush_within(Duration delay);
  void after_writing(bool works);
  void watch();
  bool reads() const { return reading_ || rules().reading == Reading::discarded; }

  // Small members fill the gaps that the bases and larger members leave: the memory of an idle
  // connection is counted (docs/performance.md).
  Watch watch_;
  Phase phase_ = Phase::http;
  std::uint32_t index_ = 0;
  ShardContext& shard_;
  Socket socket_;
  [[no_unique_address]] SocketWriter writer_;
  bool reading_ = true;
  bool read_wants_write_ = false;  // OpenSSL must write before it can read on
  bool waits_for_room_ = false;
  DelayedFlushes::Mark delay_mark_;
};

}  // namespace usher::net
