#include "net/connection.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "net/shard.h"
#include "wire/ws_frame.h"

namespace usher::net {
namespace {

constexpr std::size_t kEarlyBytesMax = 16 * 1024;

}  // namespace

Connection::Connection(Shard& shard, Socket socket, std::shared_ptr<HttpConnection> http)
    : shard_(shard),
      socket_(std::move(socket)),
      http_(std::move(http)),
      reader_({.message_bytes_max = shard.options().message_bytes_max,
               .role = wire::Role::server,
               .binary = shard.options().binary}) {}

Connection::~Connection() = default;

// With the allocator's own, 160 bytes of each idle connection.
static_assert(sizeof(Connection) <= 152);

bool Connection::start(std::size_t index) {
  set_index(index);
  watched_ = EPOLLIN;
  shard_.application().on_socket(+1);
  if (!shard_.poller().add(socket_.fd(), watched_, *this)) return false;
  http_->start(*this, shard_.now());
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

// Whatever has gone wrong, the session leaves the hub, the peer is told 1011 if its stream of
// frames is whole, and the socket closes. A second failure on the way is one of what all share: it
// ends the process (an exception out of a noexcept function).
void Connection::break_off(const std::exception& broken) {
  const auto end = [&]() noexcept {
    shard_.report(broken);
    const bool can_tell = session_ != nullptr && may_send();
    if (const auto session = std::move(session_)) session->on_closed({1011, "INTERNAL_ERROR"});
    if (!can_tell) return shut();
    std::string frame;
    wire::append_close_frame(frame, {wire::CloseCode::internal_error, "INTERNAL_ERROR"});
    writer_.drop_unsent(socket_);
    push_last(std::move(frame));
    begin_ending();
  };
  if (phase_ != Phase::closed) end();
}

template <class Work>
void Connection::guarded_in_flush(Work work) {
  try {
    work();
  } catch (const std::exception& broken) {
    shard_.report(broken);
    may_send() ? fail_later(Phase::failed) : shut();
  }
}

void Connection::on_events(std::uint32_t events) {
  guarded([&] { handle_events(events); });
}

void Connection::run() {
  guarded([&] {
    switch (phase_) {
      case Phase::http: {
        const std::shared_ptr<HttpConnection> http = http_;  // an upgrade lets go of it
        return http->go_on();
      }
      case Phase::held:
      case Phase::open:
        return run_session();
      case Phase::overflowed:
        return end_overflowed();
      case Phase::failed:
        return lose(1006, "");
      case Phase::ending:
      case Phase::farewell:
      case Phase::lingering:
      case Phase::closed:
        return;
    }
  });
}

void Connection::on_deadline(TimePoint now) {
  guarded([&] {
    switch (phase_) {
      case Phase::http: {
        const std::shared_ptr<HttpConnection> http = http_;
        return http->on_deadline(now);
      }
      case Phase::held:
      case Phase::open:
        return session().on_deadline(now);
      case Phase::overflowed:
      case Phase::failed:
        return;
      case Phase::ending:
      case Phase::lingering:
        return shut();
      case Phase::farewell:
        return begin_lingering();
      case Phase::closed:
        return;
    }
  });
}

void Connection::say_goodbye(Duration retry_after) {
  guarded([&] { session().on_shutdown(retry_after); });
}

void Connection::flush() {
  guarded_in_flush([&] {
    if (!may_leave()) return watch();
    after_writing(writer_.write_out(socket_, shard_.join_buffer()));
  });
}

std::span<const iovec> Connection::gather_for_batch(std::span<iovec> room) {
  if (!may_leave() || socket_.is_tls()) return {};
  return writer_.gather(room);
}

void Connection::finish_flush(const IoResult& sent, std::size_t wanted) {
  guarded_in_flush([&] { after_writing(writer_.consume(sent, wanted)); });
}

edge::Session& Connection::session() {
  USHER_INVARIANT(session_ != nullptr);
  shard_.flushing().require_idle();
  return *session_;
}

// ---- what comes in ----

void Connection::handle_events(std::uint32_t events) {
  if (phase_ == Phase::closed) return;
  const bool hung_up = (events & (EPOLLHUP | EPOLLERR)) != 0;
  const bool has_ended = phase_ == Phase::lingering || phase_ == Phase::farewell;
  if (hung_up && ((events & EPOLLIN) == 0 || has_ended)) return lose(1006, "");
  if ((events & EPOLLOUT) != 0) {
    writer_.set_writable();
    flush_later();
  }
  if ((events & EPOLLIN) != 0 || read_wants_write_) read_available();
}

// One read an event: epoll is level-triggered, and so is OpenSSL seen from here, because the buffer
// takes a whole record. So a peer that sends without end does not keep the others waiting.
void Connection::read_available() {
  if (shard_.is_held_up()) return;  // epoll says it again
  read_wants_write_ = false;
  const bool throws_away = phase_ == Phase::farewell || phase_ == Phase::lingering;
  if (!reading_ && !throws_away) return;
  const std::span<char> buffer = shard_.receive_buffer();
  const IoResult result = socket_.read(buffer);
  switch (result.status) {
    case IoStatus::done:
      return take_bytes(buffer.first(result.bytes));
    case IoStatus::want_read:
      return;
    case IoStatus::want_write:
      read_wants_write_ = true;
      return flush_later();
    case IoStatus::end:
    case IoStatus::failed:
      return lose(1006, "");
  }
}

void Connection::take_bytes(std::span<char> bytes) {
  switch (phase_) {
    case Phase::http: {
      const std::shared_ptr<HttpConnection> http = http_;  // an upgrade lets go of it
      return http->on_bytes(bytes);
    }
    case Phase::held:
      put_by(bytes);
      if (put_by_.size() >= kEarlyBytesMax) set_reading(false);
      return;
    case Phase::open:
      // What was put by goes first.
      if (put_by_.empty() && !session_waits_) bytes = take_messages(bytes);
      put_by(bytes);
      if (!put_by_.empty()) set_reading(false);
      return;
    case Phase::farewell:
      if (reader_.next(bytes).kind == wire::MessageEvent::Kind::close) begin_lingering();
      return;
    case Phase::overflowed:
    case Phase::failed:
    case Phase::ending:
    case Phase::lingering:
    case Phase::closed:
      return;
  }
}

void Connection::put_by(std::span<const char> bytes) {
  if (bytes.empty() || !(may_send() || phase_ == Phase::ending)) return;
  put_by_.append(bytes);
  if (phase_ == Phase::open && !session_waits_ && !waits_for_room_) shard_.run_later(*this);
}

void Connection::run_session() {
  if (std::exchange(session_waits_, false)) session().on_turn(shard_.now());
  if (phase_ != Phase::open || session_waits_ || put_by_.empty()) return;
  put_by_.keep_last(take_messages(put_by_.bytes()).size());
  if (phase_ != Phase::open) return;
  if (put_by_.empty()) return set_reading(true);
  if (!session_waits_ && !waits_for_room_) shard_.run_later(*this);
}

// A share of the messages in `bytes`. Returns those bytes that are to be dealt with later.
std::span<char> Connection::take_messages(std::span<char> bytes) {
  for (int left = kMessagesPerTurn; left > 0 && !bytes.empty(); --left) {
    if (phase_ != Phase::open || session_waits_) return bytes;
    waits_for_room_ = is_full();
    if (waits_for_room_) return bytes;
    if (!take_event(reader_.next(bytes))) break;
  }
  return bytes;
}

bool Connection::take_event(const wire::MessageEvent& event) {
  const TimePoint now = shard_.now();
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
      writer_.set_pong(event.payload);
      flush_later();
      return true;
    case wire::MessageEvent::Kind::pong:
      session().on_pong(now);
      return true;
    case wire::MessageEvent::Kind::close:
      take_close(event);
      return false;
    case wire::MessageEvent::Kind::failed: {
      if (event.error == wire::ReadError::unsupported_data) {
        session().on_binary({}, now);  // it knows which code its clients obey
        if (phase_ != Phase::open) return false;
      }
      const wire::CloseReason reason = wire::close_reason(event.error);
      session().on_closed({reason.code, reason.reason});
      close(reason);
      return false;
    }
  }
  return false;
}

void Connection::take_close(const wire::MessageEvent& event) {
  std::string reply;
  // The peer's own code comes back (RFC 6455 section 5.5.1).
  wire::append_close_frame(reply, {event.close_code, ""});
  push_last(std::move(reply));
  session().on_closed({event.close_code, event.payload});
  begin_ending();
}

// ---- what goes out ----

void Connection::flush_later() { shard_.flush_later(*this); }

void Connection::wake() {
  session_waits_ = true;
  shard_.run_later(*this);
}

void Connection::go_on_later() { shard_.run_later(*this); }

bool Connection::is_full() const {
  return phase_ == Phase::open && writer_.cost() > shard_.options().outbox_bytes_max / 2;
}

std::size_t Connection::room_bytes() const {
  if (phase_ != Phase::open) return std::numeric_limits<std::size_t>::max();
  const std::size_t most = shard_.options().outbox_bytes_max / 2;
  return most - std::min(most, writer_.cost());
}

bool Connection::may_be_unread(TimePoint since) {
  const bool is_reading_slowly = is_full() && writer_.take_progress();
  return is_reading_slowly || shard_.was_held_up_since(since);
}

bool Connection::has_room() {
  if (!is_full()) return true;
  waits_for_room_ = session_waits_ = true;
  return false;
}

// One answer at a time (http_connection.h): it may be of any size.
void Connection::send_response(std::string bytes) { push_last(std::move(bytes)); }

void Connection::send(wire::Opcode opcode, std::string_view payload) {
  if (!may_send()) return;
  std::string frame;
  wire::append_frame(frame, opcode, payload);
  push(std::make_shared<const std::string>(std::move(frame)));
}

void Connection::push(const wire::SharedFrame& frame) {
  if (!may_send()) return;
  // While held, the answer to the upgrade and the first frame must both go out, whatever the limit.
  const std::size_t most = phase_ == Phase::held ? std::numeric_limits<std::size_t>::max()
                                                 : shard_.options().outbox_bytes_max;
  guarded_in_flush([&] {
    switch (writer_.push(frame, most, socket_, shard_.join_buffer())) {
      case SocketWriter::Push::taken:
        return flush_later();
      case SocketWriter::Push::full:
        return fail_later(Phase::overflowed);
      case SocketWriter::Push::failed:
        return fail_later(Phase::failed);
    }
  });
}

// Beyond the limit, so that the reason always fits.
void Connection::push_last(std::string bytes) {
  writer_.push_last(std::move(bytes));
  flush_later();
}

// Something else is going on: the hub delivers, or the shard writes. The session is told in a turn
// of its own.
void Connection::fail_later(Phase phase) {
  phase_ = phase;
  shard_.run_later(*this);
}

void Connection::close(const wire::CloseReason& reason) {
  if (!may_send()) return;
  std::string frame;
  wire::append_close_frame(frame, reason);
  push_last(std::move(frame));
  expects_close_ = true;
  begin_ending();
}

void Connection::release() {
  if (phase_ != Phase::held) return;
  phase_ = Phase::open;
  flush_later();
  if (put_by_.empty()) return set_reading(true);
  shard_.run_later(*this);
}

// Runs no code of a session.
void Connection::after_writing(bool works) {
  if (phase_ == Phase::closed) return;
  if (!works) return may_send() ? fail_later(Phase::failed) : shut();
  if (phase_ == Phase::http && writer_.empty()) http_->on_sent();
  if (phase_ == Phase::ending && writer_.empty()) return say_farewell();
  if (waits_for_room_ && !is_full()) {
    waits_for_room_ = false;
    shard_.run_later(*this);
  }
  watch();
}

void Connection::set_reading(bool on) {
  if (std::exchange(reading_, on) == on) return;
  flush_later();  // what epoll reports changes when the turn ends, should it still have to
}

void Connection::watch() {
  if (phase_ == Phase::closed) return;
  const bool throws_away = phase_ == Phase::farewell || phase_ == Phase::lingering;
  const bool read = reading_ || throws_away;
  const bool write = writer_.is_blocked() || read_wants_write_;
  const auto wanted = static_cast<std::uint8_t>((read ? EPOLLIN : 0u) | (write ? EPOLLOUT : 0u));
  if (wanted == watched_) return;
  watched_ = wanted;
  USHER_INVARIANT(shard_.poller().modify(socket_.fd(), wanted, *this));
}

// ---- phases ----

void Connection::upgrade(const edge::Opening& opening, std::string switching_protocols,
                         std::span<const char> first_bytes) {
  phase_ = Phase::held;
  admitted_ = true;
  http_.reset();
  set_deadline(std::nullopt);
  push_last(std::move(switching_protocols));
  put_by(first_bytes);
  set_reading(put_by_.size() < kEarlyBytesMax);
  session_ = shard_.application().open(*this, opening, shard_.now());
}

void Connection::end_overflowed() {
  constexpr wire::CloseReason kReason{wire::CloseCode::slow_consumer, "SLOW_CONSUMER"};
  writer_.drop_unsent(socket_);
  session().on_closed({kReason.code, kReason.reason});
  phase_ = Phase::open;
  close(kReason);
}

void Connection::begin_ending() {
  phase_ = Phase::ending;
  reading_ = false;
  flush_later();
  set_deadline(shard_.now() + shard_.options().goodbye_timeout);
}

// The session has ended: nothing of it runs.
void Connection::say_farewell() {
  session_.reset();
  http_.reset();
  const bool waits = expects_close_ && !reader_.ended();
  if (!waits) return begin_lingering();
  if (!shard_.may_linger()) return shut();
  lingering_counted_ = true;
  reader_.skip_to_close();
  // What was put by may hold the beginning of a frame, or the close frame itself.
  std::span<char> put_by = put_by_.bytes();
  if (reader_.next(put_by).kind == wire::MessageEvent::Kind::close) return begin_lingering();
  put_by_.keep_last(0);
  phase_ = Phase::farewell;
  set_deadline(shard_.now() + shard_.options().linger_timeout);
  watch();
}

void Connection::begin_lingering() {
  if (!lingering_counted_ && !shard_.may_linger()) return shut();
  lingering_counted_ = true;
  put_by_.keep_last(0);
  phase_ = Phase::lingering;
  socket_.finish_writing();
  set_deadline(shard_.now() + shard_.options().linger_timeout);
  watch();
}

void Connection::set_deadline(std::optional<TimePoint> deadline) {
  if (deadline) {
    shard_.wheel().arm(*this, *deadline);
  } else {
    shard_.wheel().cancel(*this);
  }
}

void Connection::lose(std::uint16_t code, std::string_view reason) {
  const bool has_session = may_send() || phase_ == Phase::overflowed || phase_ == Phase::failed;
  if (session_ != nullptr && has_session) session().on_closed({code, reason});
  shut();
}

void Connection::shut() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  set_deadline(std::nullopt);
  if (http_) http_->on_closed();
  socket_.close();
  shard_.application().on_socket(-1);
  if (std::exchange(lingering_counted_, false)) shard_.end_linger();
  if (std::exchange(admitted_, false)) shard_.application().release();
  shard_.retire(*this);
}

}  // namespace usher::net
