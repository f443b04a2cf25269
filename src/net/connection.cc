#include "net/connection.h"

#include <utility>

#include "base/check.h"
#include "wire/ws_frame.h"

namespace usher::net {
namespace {

constexpr std::size_t kEarlyBytesMax = 16 * 1024;

}  // namespace

Connection::Connection(ShardContext& shard, Socket socket, std::shared_ptr<HttpConnection> http)
    : HttpSocket(shard, std::move(socket)),
      http_(std::move(http)),
      reader_({.message_bytes_max = shard.options().message_bytes_max,
               .role = wire::Role::server,
               .binary = shard.options().binary}) {}

Connection::~Connection() = default;

// With the allocator's own header, 160 bytes of each idle connection.
static_assert(sizeof(Connection) <= 152);

bool Connection::start() {
  if (!AcceptedSocket::start()) return false;
  http_->start(*this, shard().now());
  return true;
}

// ---- the ways in ----

template <class Work>
void Connection::guarded(Work work) {
  try {
    work();
  } catch (const std::exception& broken) {
    break_off(broken);
  }
}

// The session leaves the hub, the peer gets 1011 if its stream of frames is whole, and the socket
// closes. A second failure on the way ends the process (an exception out of a noexcept function),
// because then shared state is in doubt.
void Connection::break_off(const std::exception& broken) {
  const auto end = [&]() noexcept {
    shard().report(broken);
    const bool can_tell = awaits_goodbye();
    if (const auto session = std::move(session_)) session->on_closed({1011, "INTERNAL_ERROR"});
    if (!can_tell) return abandon();
    std::string frame;
    wire::append_close_frame(frame, {wire::CloseCode::internal_error, "INTERNAL_ERROR"});
    drop_unsent();
    push_last(std::move(frame));
    end_after_sending();
  };
  if (phase() != Phase::closed) end();
}

void Connection::on_events(std::uint32_t events) {
  guarded([&] { handle_events(events); });
}

void Connection::run() {
  guarded([&] {
    if (phase() == Phase::http) {
      const std::shared_ptr<HttpConnection> http = http_;  // an upgrade lets go of it
      return http->go_on();
    }
    if (rules().sends) return run_session();
    if (phase() == Phase::overflowed) return end_overflowed();
    if (phase() == Phase::failed) return lose();
  });
}

void Connection::on_deadline(TimePoint now) {
  guarded([&] {
    if (phase() == Phase::http) {
      const std::shared_ptr<HttpConnection> http = http_;
      return http->on_deadline(now);
    }
    if (rules().sends) return session().on_deadline(now);
    advance(Event::timed_out);
  });
}

void Connection::say_goodbye(Duration retry_after) {
  guarded([&] { session().on_shutdown(retry_after); });
}

edge::Session& Connection::session() {
  USHER_INVARIANT(session_ != nullptr);
  shard().flushing().require_idle();
  return *session_;
}

// ---- what comes in ----

void Connection::handle_events(std::uint32_t events) {
  if (phase() == Phase::closed) return;
  const bool hung_up = (events & (EPOLLHUP | EPOLLERR)) != 0;
  const bool has_ended = rules().reading == Reading::discarded;
  if (hung_up && ((events & EPOLLIN) == 0 || has_ended)) return lose();
  if ((events & EPOLLOUT) != 0) note_writable();
  if (!has_to_read(events)) return;
  const auto bytes = receive();
  if (!bytes) return lose();
  if (!bytes->empty()) take_bytes(*bytes);
}

void Connection::take_bytes(std::span<char> bytes) {
  switch (phase()) {
    case Phase::http: {
      const std::shared_ptr<HttpConnection> http = http_;  // an upgrade lets go of it
      return http->on_bytes(bytes);
    }
    case Phase::held:
      return take_held(bytes);
    case Phase::open:
      return take_open(bytes);
    case Phase::farewell:
      if (reader_.next(bytes).kind == wire::MessageEvent::Kind::close) advance(Event::peer_closed);
      return;
    case Phase::answered:
    case Phase::dismissed:
    case Phase::overflowed:
    case Phase::failed:
    case Phase::closing:
    case Phase::ending:
    case Phase::lingering:
    case Phase::closed:
    case Phase::count_:
      return;  // thrown away
  }
}

void Connection::take_held(std::span<const char> bytes) {
  put_by(bytes);
  if (put_by_.size() >= kEarlyBytesMax) set_reading(false);
}

// The bytes that were put by go first.
void Connection::take_open(std::span<char> bytes) {
  if (put_by_.empty() && !session_waits_) bytes = take_messages(bytes);
  put_by(bytes);
  if (!put_by_.empty()) set_reading(false);
}

void Connection::put_by(std::span<const char> bytes) {
  if (bytes.empty() || !rules().keeps_bytes) return;
  put_by_.append(bytes);
  go_on_with_messages();
}

// Continues in a turn of its own, unless another event will ask for one.
void Connection::go_on_with_messages() {
  if (phase() == Phase::open && !session_waits_ && !waits_for_room()) ask_for_turn();
}

void Connection::run_session() {
  if (std::exchange(session_waits_, false)) session().on_turn(shard().now());
  if (phase() != Phase::open || session_waits_ || put_by_.empty()) return;
  put_by_.keep_last(take_messages(put_by_.bytes()).size());
  if (phase() != Phase::open) return;
  if (put_by_.empty()) return set_reading(true);
  go_on_with_messages();
}

// Hands on a share of the messages in `bytes`. Returns the bytes that are left for later.
std::span<char> Connection::take_messages(std::span<char> bytes) {
  for (int left = kMessagesPerTurn; left > 0 && !bytes.empty(); --left) {
    if (phase() != Phase::open || session_waits_) return bytes;
    if (is_full()) {
      wait_for_room();
      return bytes;
    }
    stop_waiting_for_room();
    if (!take_event(reader_.next(bytes))) break;
  }
  return bytes;
}

// Returns whether the next message may follow.
bool Connection::take_event(const wire::MessageEvent& event) {
  const TimePoint now = shard().now();
  switch (event.kind) {
    case wire::MessageEvent::Kind::need_more:
      return false;
    case wire::MessageEvent::Kind::fragment:
      return true;
    case wire::MessageEvent::Kind::text:
      session().on_text(event.payload, now);
      return true;
    case wire::MessageEvent::Kind::binary:
      session().on_binary(event.payload, now);
      return true;
    case wire::MessageEvent::Kind::ping:
      push_pong(event.payload);
      return true;
    case wire::MessageEvent::Kind::pong:
      session().on_pong(now);
      return true;
    case wire::MessageEvent::Kind::close:
      take_close(event);
      return false;
    case wire::MessageEvent::Kind::failed:
      take_failure(event.error);
      return false;
  }
  return false;
}

void Connection::take_close(const wire::MessageEvent& event) {
  std::string reply;
  // The peer's own code comes back (RFC 6455 section 5.5.1).
  wire::append_close_frame(reply, {event.close_code, ""});
  push_last(std::move(reply));
  session().on_closed({event.close_code, event.payload});
  end_after_sending();
}

void Connection::take_failure(wire::ReadError error) {
  if (error == wire::ReadError::unsupported_data) {
    session().on_binary({}, shard().now());  // the session knows which close code its clients obey
    if (phase() != Phase::open) return;
  }
  const wire::CloseReason reason = wire::close_reason(error);
  session().on_closed({reason.code, reason.reason});
  close(reason);
}

// ---- what goes out ----

void Connection::wake() {
  session_waits_ = true;
  ask_for_turn();
}

bool Connection::may_be_unread(TimePoint since) {
  const bool is_reading_slowly = is_full() && take_progress();
  return is_reading_slowly || shard().was_held_up_since(since);
}

bool Connection::has_room() {
  if (!is_full()) return true;
  wait_for_room();
  session_waits_ = true;
  return false;
}

void Connection::close(const wire::CloseReason& reason) {
  if (rules().sends) say_close(reason);
}

// A reader that has ended would not find the peer's close frame: then it is not awaited.
void Connection::say_close(const wire::CloseReason& reason) {
  std::string frame;
  wire::append_close_frame(frame, reason);
  push_last(std::move(frame));
  advance(reader_.ended() ? Event::said_last : Event::said_close);
}

void Connection::release() {
  if (!advance(Event::released)) return;
  if (put_by_.empty()) return set_reading(true);
  ask_for_turn();
}

// ---- from phase to phase ----

void Connection::upgrade(const edge::Opening& opening, std::string switching_protocols,
                         std::span<const char> first_bytes) {
  advance(Event::upgraded);
  http_.reset();
  push_last(std::move(switching_protocols));
  put_by(first_bytes);
  set_reading(put_by_.size() < kEarlyBytesMax);
  session_ = shard().application().open(*this, opening, shard().now());
}

void Connection::become_tunnel(const edge::TunnelOpening& opening,
                               std::span<const char> first_bytes) {
  const std::shared_ptr<HttpConnection> http = std::move(http_);  // the request's bytes are there
  shard().owner().adopt_tunnel(take_socket(), opening, first_bytes);
  abandon();
}

void Connection::end_overflowed() {
  constexpr wire::CloseReason kReason{wire::CloseCode::slow_consumer, "SLOW_CONSUMER"};
  drop_unsent();
  session().on_closed({kReason.code, kReason.reason});
  say_close(kReason);
}

// After the last frame the session has ended: no code of it runs.
void Connection::on_all_sent() {
  if (phase() == Phase::http) return http_->on_sent();
  session_.reset();
  http_.reset();
  advance(Event::sent);
  if (phase() == Phase::farewell) {
    reader_.skip_to_close();
    // The bytes that were put by may hold the beginning of a frame, or the close frame itself.
    std::span<char> bytes = put_by_.bytes();
    if (reader_.next(bytes).kind == wire::MessageEvent::Kind::close) advance(Event::peer_closed);
  }
  put_by_.keep_last(0);
}

// The peer has left, or the socket is broken.
void Connection::lose() {
  if (session_ != nullptr && rules().tells_session) session().on_closed({1006, ""});
  abandon();
}

void Connection::on_closed() {
  if (http_) http_->on_closed();
  shard().owner().retire(*this);
}

}  // namespace usher::net
