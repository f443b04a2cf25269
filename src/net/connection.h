// One accepted socket: its bytes in and out, its phases, its deadline. What the bytes mean is
// decided elsewhere: requests in http_connection.h, messages in session/.
//
//     http ──upgrade──▶ held ──release──▶ open ──close──▶ ending ──▶ lingering ──▶ closed
//
// held: the upgrade is accepted but not yet answered (the ticket store is being asked); nothing
// leaves. overflowed: more was to be sent than fits; the session is told when the turn ends,
// because it may be the one sending. lingering: all has been said and the writing side is closed;
// what still comes is thrown away until the peer closes too, because closing with unread bytes
// would send a reset, which can overtake the reason.
//
// Threads: belongs to its shard.  Owned by the shard, from adopt() to retire().
// Limits: ShardOptions::outbox_bytes_max to send; message_bytes_max to receive; timeouts of each
// phase.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "hub/outbox.h"
#include "net/http_connection.h"
#include "net/poller.h"
#include "net/socket.h"
#include "net/timing_wheel.h"
#include "session/session.h"
#include "wire/ws_message.h"

namespace usher::net {

class Shard;

class Connection final : public Pollable, public TimingWheel::Timer, public session::Link {
 public:
  Connection(Shard& shard, Socket socket, std::shared_ptr<HttpConnection> http);
  ~Connection() override;

  // Joins the shard's epoll set and begins with HTTP. False when the kernel refuses.
  bool start(std::size_t index);

  // Where it stands in the shard's list of connections.
  std::size_t index() const { return index_; }
  void set_index(std::size_t index) { index_ = static_cast<std::uint32_t>(index); }

  // ---- for HttpConnection ----
  void send_response(std::string bytes);
  void end_after_sending();  // all has been said: lingers
  void abandon();            // nothing more to say: closes at once
  void set_reading(bool on);
  void upgrade(const session::Opening& opening, std::string switching_protocols,
               std::span<char> first_bytes);
  void set_deadline(std::optional<TimePoint> deadline) override;
  Shard& shard() { return shard_; }

  // ---- for Shard ----
  // Sends what there is; called once at the end of a turn after mark_dirty().
  void flush();
  // The same in three steps, for a Flusher. The parts of what there is, or none if only flush()
  // will do; what came of sending them; what follows from that.
  std::span<const iovec> gather_for_batch(std::span<iovec> room);
  void consume(const IoResult& sent);
  void finish_flush(const IoResult& sent, std::size_t wanted);
  int fd() const { return socket_.fd(); }
  // A WebSocket, until its socket is closed.
  bool is_admitted() const { return admitted_; }
  // Between two requests: nobody waits for anything.
  bool is_idle_http() const { return http_ != nullptr && http_->is_idle(); }
  bool awaits_goodbye() const { return session_ != nullptr && may_send(); }
  void say_goodbye(Duration retry_after) { session_->on_shutdown(retry_after); }

  // ---- session::Link ----
  void send_text(std::string_view payload) override;
  void send_binary(std::string_view payload) override;
  void send_frame(const wire::SharedFrame& frame) override;
  void send_ping() override;
  void close(const wire::CloseReason& reason) override;
  void release() override;

 private:
  enum class Phase : std::uint8_t { http, held, open, overflowed, ending, lingering, closed };

  void on_events(std::uint32_t events) override;
  void on_deadline(TimePoint now) override;

  void read_available();
  void take_bytes(std::span<char> bytes);
  void take_messages(std::span<char> bytes);
  bool take_event(const wire::MessageEvent& event);
  void hold_bytes(std::span<const char> bytes);

  void mark_dirty();
  bool may_send() const { return phase_ == Phase::held || phase_ == Phase::open; }
  void send(wire::Opcode opcode, std::string_view payload);
  void push_last(std::string bytes);
  void after_push(bool fits);
  void end_overflowed();
  bool write_out();
  IoResult write(std::span<iovec> parts);
  void after_writing();
  void take_early();
  std::size_t outbox_bytes_max() const;
  void watch();

  void begin_ending();
  void begin_lingering();
  void lose(std::uint16_t code, std::string_view reason);
  void shut();

  Shard& shard_;
  Socket socket_;
  std::shared_ptr<HttpConnection> http_;       // until the upgrade
  std::unique_ptr<session::Session> session_;  // from the upgrade to the close frame
  std::unique_ptr<std::string> early_;         // what came while held
  wire::MessageReader reader_;
  hub::Outbox outbox_;
  std::uint32_t index_ = 0;
  std::uint32_t watched_ = 0;  // the events that epoll reports
  Phase phase_ = Phase::http;
  bool dirty_ = false;
  bool reading_ = true;
  bool write_blocked_ = false;     // the outbox waits for the socket
  bool read_wants_write_ = false;  // OpenSSL must write before it can read on
  bool lingering_counted_ = false;
  bool admitted_ = false;
};

}  // namespace usher::net
