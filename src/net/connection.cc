#include "net/connection.h"

#include <array>
#include <limits>
#include <utility>

#include "base/check.h"
#include "net/join_buffer.h"
#include "net/shard.h"
#include "wire/ws_frame.h"

namespace usher::net {
namespace {

constexpr std::size_t kTlsRecordBytesMax = 16 * 1024;
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

bool Connection::start(std::size_t index) {
  set_index(index);
  watched_ = EPOLLIN;
  shard_.application().on_socket(+1);
  if (!shard_.poller().add(socket_.fd(), watched_, *this)) return false;
  http_->start(*this, shard_.now());
  return true;
}

// ---- what comes in ----

void Connection::on_events(std::uint32_t events) {
  if (phase_ == Phase::closed) return;
  const bool hung_up = (events & (EPOLLHUP | EPOLLERR)) != 0;
  if (hung_up && ((events & EPOLLIN) == 0 || phase_ == Phase::lingering)) return lose(1006, "");
  if ((events & EPOLLOUT) != 0) mark_dirty();
  if ((events & EPOLLIN) != 0 || read_wants_write_) read_available();
}

// One read an event: epoll is level-triggered, and so is OpenSSL seen from here, because the buffer
// takes a whole record. So nobody who sends without end keeps the others waiting.
void Connection::read_available() {
  if (shard_.is_held_up()) return;  // epoll says it again
  read_wants_write_ = false;
  if (!reading_ && phase_ != Phase::lingering) return;
  const std::span<char> buffer = shard_.receive_buffer();
  const IoResult result = socket_.read(buffer);
  switch (result.status) {
    case IoStatus::done:
      return take_bytes(buffer.first(result.bytes));
    case IoStatus::want_read:
      return;
    case IoStatus::want_write:
      read_wants_write_ = true;
      return mark_dirty();
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
      return hold_bytes(bytes);
    case Phase::open:
      // What came while the upgrade was held goes first.
      return early_ ? hold_bytes(bytes) : take_messages(bytes);
    case Phase::overflowed:
    case Phase::ending:
    case Phase::lingering:
    case Phase::closed:
      return;
  }
}

void Connection::hold_bytes(std::span<const char> bytes) {
  if (bytes.empty()) return;
  if (!early_) early_ = std::make_unique<std::string>();
  early_->append(bytes.data(), bytes.size());
  if (early_->size() >= kEarlyBytesMax) set_reading(false);
}

void Connection::take_messages(std::span<char> bytes) {
  while (phase_ == Phase::open) {
    if (!take_event(reader_.next(bytes))) return;
  }
}

bool Connection::take_event(const wire::MessageEvent& event) {
  const TimePoint now = shard_.now();
  switch (event.kind) {
    case wire::MessageEvent::Kind::need_more:
      return false;
    case wire::MessageEvent::Kind::text:
      session_->on_text(event.payload, now);
      return true;
    case wire::MessageEvent::Kind::binary:
      session_->on_binary(event.payload, now);
      return true;
    case wire::MessageEvent::Kind::ping:
      send(wire::Opcode::pong, event.payload);
      return true;
    case wire::MessageEvent::Kind::pong:
      session_->on_pong(now);
      return true;
    case wire::MessageEvent::Kind::close: {
      std::string reply;
      // The peer's own code comes back (RFC 6455 section 5.5.1).
      wire::append_close_frame(reply, {event.close_code, ""});
      push_last(std::move(reply));
      session_->on_closed({event.close_code, event.payload});
      session_.reset();
      begin_ending();
      return false;
    }
    case wire::MessageEvent::Kind::failed: {
      const wire::CloseReason reason = wire::close_reason(event.error);
      session_->on_closed({reason.code, reason.reason});
      close(reason);
      return false;
    }
  }
  USHER_CHECK(false);
}

// ---- what goes out ----

void Connection::mark_dirty() {
  if (std::exchange(dirty_, true)) return;
  shard_.mark_dirty(*this);
}

// While held, the answer to the upgrade and the first frame must both go out, whatever the limit.
std::size_t Connection::outbox_bytes_max() const {
  return phase_ == Phase::held ? std::numeric_limits<std::size_t>::max()
                               : shard_.options().outbox_bytes_max;
}

void Connection::after_push(bool fits) {
  if (!fits && may_send()) phase_ = Phase::overflowed;
  mark_dirty();
}

void Connection::end_overflowed() {
  constexpr wire::CloseReason kReason{wire::CloseCode::slow_consumer, "SLOW_CONSUMER"};
  // What has begun to leave must end as it began; the rest makes room for the reason. OpenSSL has
  // begun with a whole record when it has to be asked again.
  outbox_.drop_behind(socket_.is_tls() && write_blocked_ ? kTlsRecordBytesMax : 0);
  session_->on_closed({kReason.code, kReason.reason});
  phase_ = Phase::open;
  close(kReason);
}

// One answer at a time (http_connection.h): it may be of any size.
void Connection::send_response(std::string bytes) {
  push_last(std::move(bytes));
  mark_dirty();
}

void Connection::send_text(std::string_view payload) { send(wire::Opcode::text, payload); }

void Connection::send_binary(std::string_view payload) { send(wire::Opcode::binary, payload); }

void Connection::send_frame(const wire::SharedFrame& frame) {
  if (may_send()) after_push(outbox_.push(frame, outbox_bytes_max()));
}

void Connection::send_ping() { send(wire::Opcode::ping, ""); }

void Connection::send(wire::Opcode opcode, std::string_view payload) {
  if (!may_send()) return;
  std::string frame;
  wire::append_frame(frame, opcode, payload);
  after_push(outbox_.push(std::move(frame), outbox_bytes_max()));
}

void Connection::close(const wire::CloseReason& reason) {
  if (!may_send()) return;
  std::string frame;
  wire::append_close_frame(frame, reason);
  push_last(std::move(frame));
  begin_ending();
}

void Connection::push_last(std::string bytes) {
  // Beyond the limit, so that the reason always fits.
  USHER_CHECK(outbox_.push(std::move(bytes), std::numeric_limits<std::size_t>::max()));
}

void Connection::release() {
  if (phase_ != Phase::held) return;
  phase_ = Phase::open;
  set_reading(true);
  mark_dirty();
}

void Connection::flush() {
  dirty_ = false;
  if (phase_ == Phase::closed) return;
  if (phase_ == Phase::held) return watch();
  if (phase_ == Phase::overflowed) end_overflowed();
  if (write_out()) after_writing();
}

void Connection::after_writing() {
  take_early();
  if (http_ && outbox_.empty() && phase_ == Phase::http) {
    const std::shared_ptr<HttpConnection> http = http_;  // an upgrade lets go of it
    http->on_sent();
  }
  if (phase_ == Phase::ending && outbox_.empty()) return begin_lingering();
  watch();
}

std::span<const iovec> Connection::gather_for_batch(std::span<iovec> room) {
  const bool may_leave = phase_ == Phase::http || phase_ == Phase::open || phase_ == Phase::ending;
  if (!may_leave || socket_.is_tls()) return {};
  dirty_ = false;
  return room.first(outbox_.gather(room));
}

void Connection::consume(const IoResult& sent) {
  if (sent.status == IoStatus::done) outbox_.consume(sent.bytes);
  write_blocked_ = sent.status == IoStatus::want_write;
}

void Connection::finish_flush(const IoResult& sent, std::size_t wanted) {
  if (phase_ == Phase::closed) return;
  if (sent.status == IoStatus::failed) return lose(1006, "");
  const bool is_short = sent.status == IoStatus::done && sent.bytes < wanted;
  if (is_short && !write_out()) return;
  after_writing();
}

// True: all of it has left, or will when the socket can take more.
bool Connection::write_out() {
  write_blocked_ = false;
  while (!outbox_.empty()) {
    std::array<iovec, JoinBuffer::kPartsMax> room;
    const IoResult sent = write(std::span(room).first(outbox_.gather(room)));
    if (sent.status == IoStatus::want_read) return true;
    if (sent.status == IoStatus::failed) {
      lose(1006, "");
      return false;
    }
    consume(sent);
    if (write_blocked_) return true;
  }
  return true;
}

IoResult Connection::write(std::span<iovec> parts) {
  const std::size_t joinable = JoinBuffer::joinable(parts);
  if (socket_.is_tls() || joinable < 2) return socket_.write(parts);
  JoinBuffer& buffer = shard_.join_buffer();
  const std::span<const char> joined = buffer.join(parts.first(joinable));
  // Read from, though iovec can't say so.
  parts[joinable - 1] = {const_cast<char*>(joined.data()), joined.size()};
  const IoResult sent = socket_.write(parts.subspan(joinable - 1));
  buffer.clear();
  return sent;
}

void Connection::take_early() {
  if (phase_ != Phase::open || !early_) return;
  std::string early = std::move(*early_);
  early_.reset();
  early.reserve(early.size() + wire::kSpareBytes);
  take_messages(std::span(early));
}

void Connection::set_reading(bool on) {
  reading_ = on;
  mark_dirty();  // what epoll reports changes when the turn ends, should it still have to
}

void Connection::watch() {
  if (phase_ == Phase::closed) return;
  const bool read = reading_ || phase_ == Phase::lingering;
  const bool write = write_blocked_ || read_wants_write_;
  const std::uint32_t wanted = (read ? EPOLLIN : 0u) | (write ? EPOLLOUT : 0u);
  if (wanted == watched_) return;
  watched_ = wanted;
  shard_.poller().modify(socket_.fd(), wanted, *this);
}

// ---- phases ----

void Connection::upgrade(const session::Opening& opening, std::string switching_protocols,
                         std::span<char> first_bytes) {
  phase_ = Phase::held;
  admitted_ = true;
  http_.reset();
  set_deadline(std::nullopt);
  after_push(outbox_.push(std::move(switching_protocols), outbox_bytes_max()));
  hold_bytes(first_bytes);
  session_ = shard_.application().open(*this, opening, shard_.now());
}

void Connection::end_after_sending() { begin_ending(); }

void Connection::abandon() { shut(); }

void Connection::begin_ending() {
  phase_ = Phase::ending;
  reading_ = false;
  mark_dirty();
  set_deadline(shard_.now() + shard_.options().goodbye_timeout);
}

void Connection::begin_lingering() {
  session_.reset();
  http_.reset();
  if (!shard_.may_linger()) return shut();
  lingering_counted_ = true;
  phase_ = Phase::lingering;
  socket_.finish_writing();
  set_deadline(shard_.now() + shard_.options().linger_timeout);
  watch();
}

void Connection::on_deadline(TimePoint now) {
  switch (phase_) {
    case Phase::http:
      return http_->on_deadline(now);
    case Phase::held:
    case Phase::open:
      return session_->on_deadline(now);
    case Phase::overflowed:
      return;
    case Phase::ending:
    case Phase::lingering:
      return shut();
    case Phase::closed:
      return;
  }
}

void Connection::set_deadline(std::optional<TimePoint> deadline) {
  if (deadline) {
    shard_.wheel().arm(*this, *deadline);
  } else {
    shard_.wheel().cancel(*this);
  }
}

void Connection::lose(std::uint16_t code, std::string_view reason) {
  if (session_ && (may_send() || phase_ == Phase::overflowed)) session_->on_closed({code, reason});
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
