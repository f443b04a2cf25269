// One accepted socket: its bytes in and out, its phases, its deadline. What the bytes mean is
// decided elsewhere: requests in http_connection.h, messages in session/.
//
//     http ──upgrade──▶ held ──release──▶ open ──close──▶ ending ──▶ farewell ──▶ lingering ──▶
//     closed
//
// held: the upgrade is accepted but not yet answered (the ticket store is being asked); nothing
// leaves. overflowed: more was to be sent than fits. failed: the socket is broken. Both were found
// out while something else was going on; the session is told in a turn of the connection's own.
// farewell: our close frame has left, the peer's has not come (RFC 6455 section 7.1.1). lingering:
// all has been said and the writing side is closed; what still comes is thrown away until the peer
// closes too, because closing with unread bytes would send a reset, which can overtake the reason.
//
// Turns. What a peer sends is handled up to a share for each turn of the shard's loop: one request,
// or kMessagesPerTurn messages. The rest is put by, reading pauses, and the connection goes on in
// its next turn (docs/adr/0001-turns.md).
//
// A broken invariant (base/check.h) ends this connection with 1011, and no other.
//
// Threads: belongs to its shard.  Owned by the shard, from adopt() to retire().
// Limits: ShardOptions::outbox_bytes_max to send; message_bytes_max to receive; timeouts of each
// phase.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "edge/session.h"
#include "net/flusher.h"
#include "net/http_connection.h"
#include "net/poller.h"
#include "net/put_by.h"
#include "net/socket.h"
#include "net/socket_writer.h"
#include "net/timing_wheel.h"
#include "net/turn_list.h"
#include "wire/ws_message.h"

namespace usher::net {

class Shard;

class Connection final : public Pollable,
                         public TimingWheel::Timer,
                         public edge::Outlet,
                         public Listed<FlushStep>,
                         public Listed<RunStep> {
 public:
  static constexpr int kMessagesPerTurn = 64;

  Connection(Shard& shard, Socket socket, std::shared_ptr<HttpConnection> http);
  ~Connection() override;

  // Joins the shard's epoll set and begins with HTTP. False when the kernel refuses.
  bool start(std::size_t index);

  // Where it stands in the shard's list of connections.
  std::size_t index() const { return index_; }
  void set_index(std::size_t index) { index_ = static_cast<std::uint32_t>(index); }

  // ---- for HttpConnection ----
  void send_response(std::string bytes);
  void end_after_sending() { begin_ending(); }  // all has been said: lingers
  void abandon() { shut(); }                    // nothing more to say: closes at once
  void set_reading(bool on);
  void upgrade(const edge::Opening& opening, std::string switching_protocols,
               std::span<const char> first_bytes);
  void set_deadline(std::optional<TimePoint> deadline) override;
  Shard& shard() { return shard_; }

  // HttpConnection::go_on() in a turn of its own.
  void go_on_later();

  // ---- for Shard ----
  // The turn that wake() asked for.
  void run();
  // Sends what there is; once for each flush_later() of the shard.
  void flush();
  // The same in two steps, for a Flusher: the parts of what there is, or none if only flush() will
  // do; and what came of sending them, `wanted` bytes.
  std::span<const iovec> gather_for_batch(std::span<iovec> room);
  void finish_flush(const IoResult& sent, std::size_t wanted);
  int fd() const { return socket_.fd(); }
  // A WebSocket, until its socket is closed.
  bool is_admitted() const { return admitted_; }
  // Between two requests: no request is under way or waits.
  bool is_idle_http() const { return http_ != nullptr && http_->is_idle(); }
  bool awaits_goodbye() const { return session_ != nullptr && may_send(); }
  void say_goodbye(Duration retry_after);
  // It waits for a step of the loop, and must not be destroyed yet.
  bool is_listed() const { return Listed<FlushStep>::is_listed() || Listed<RunStep>::is_listed(); }

  // ---- edge::Outlet ----
  void send_text(std::string_view payload) override { send(wire::Opcode::text, payload); }
  void send_binary(std::string_view payload) override { send(wire::Opcode::binary, payload); }
  void send_frame(const wire::SharedFrame& frame) override { push(frame); }
  void send_ping() override { send(wire::Opcode::ping, ""); }
  void close(const wire::CloseReason& reason) override;
  void wake() override;
  void pause() override { session_waits_ = true; }
  bool has_room() override;
  std::size_t room_bytes() const override;
  bool may_be_unread(TimePoint since) override;
  void release() override;

 private:
  enum class Phase : std::uint8_t {
    http,
    held,
    open,
    overflowed,
    failed,
    ending,
    farewell,
    lingering,
    closed
  };

  void on_events(std::uint32_t events) override;
  void on_deadline(TimePoint now) override;

  // Every way in goes through this: what `work` breaks costs this connection.
  template <class Work>
  void guarded(Work work);
  // The same where something else is going on, a delivery of the hub or the shard's writing: what
  // follows from a failure waits for a turn.
  template <class Work>
  void guarded_in_flush(Work work);
  void break_off(const std::exception& broken);
  edge::Session& session();

  void handle_events(std::uint32_t events);
  void read_available();
  void take_bytes(std::span<char> bytes);
  void run_session();
  void take_put_by();
  std::span<char> take_messages(std::span<char> bytes);
  bool take_event(const wire::MessageEvent& event);
  void take_close(const wire::MessageEvent& event);
  void put_by(std::span<const char> bytes);

  bool is_full() const;
  bool may_send() const { return phase_ == Phase::held || phase_ == Phase::open; }
  bool may_leave() const {
    return phase_ == Phase::http || phase_ == Phase::open || phase_ == Phase::ending;
  }
  void send(wire::Opcode opcode, std::string_view payload);
  void push(const wire::SharedFrame& frame);
  void push_last(std::string bytes);
  void flush_later();
  void after_writing(bool works);
  void fail_later(Phase phase);
  void watch();

  void end_overflowed();
  void begin_ending();
  void say_farewell();
  void begin_lingering();
  void lose(std::uint16_t code, std::string_view reason);
  void shut();

  // Small members fill what the bases and larger members leave: an idle connection's memory is
  // counted (docs/performance.md).
  std::uint8_t watched_ = 0;  // the events that epoll reports
  Phase phase_ = Phase::http;
  std::uint32_t index_ = 0;
  Shard& shard_;
  Socket socket_;
  std::shared_ptr<HttpConnection> http_;    // until the upgrade
  std::unique_ptr<edge::Session> session_;  // from the upgrade to the end of its close frame
  PutBy put_by_;
  [[no_unique_address]] wire::MessageReader reader_;
  bool reading_ = true;
  [[no_unique_address]] SocketWriter writer_;
  bool read_wants_write_ = false;  // OpenSSL must write before it can read on
  bool session_waits_ = false;     // for on_turn(): no message is handed to it meanwhile
  bool waits_for_room_ = false;    // its turn comes when the peer has read
  bool expects_close_ = false;     // our close frame was the first
  bool lingering_counted_ = false;
  bool admitted_ = false;
};

}  // namespace usher::net
