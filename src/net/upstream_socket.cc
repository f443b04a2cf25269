#include "net/upstream_socket.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace usher::net {

void UpstreamSocket::open(Socket socket, std::size_t upstream) {
  USHER_INVARIANT(stage_ == Stage::closed && socket.fd() >= 0);
  stage_ = Stage::open;
  socket_ = std::move(socket);
  upstream_ = static_cast<std::uint32_t>(upstream);
  USHER_INVARIANT(shard_.poller().modify(socket_.fd(), 0, *this));
  if (target().idle_timeout > Duration::zero()) set_deadline(shard_.now() + target().idle_timeout);
}

// ---- the ways in ----

template <class Work>
void UpstreamSocket::guarded(Work work) {
  try {
    work();
  } catch (const std::exception& broken) {
    owner_.break_off(broken);
  }
}

void UpstreamSocket::on_events(std::uint32_t events) {
  guarded([&] { handle_events(events); });
}

void UpstreamSocket::on_deadline(TimePoint now) {
  guarded([&] { stage_ == Stage::leaving ? close() : owner_.on_upstream_timer(now); });
}

// ---- what the tunnel orders ----

std::size_t UpstreamSocket::room() const {
  if (stage_ != Stage::open || is_lost_) return 0;
  const std::size_t most = target().buffer_bytes;
  return most - std::min(most, writer_.cost());
}

void UpstreamSocket::send(std::span<const char> bytes) {
  if (stage_ != Stage::open || is_lost_) return;
  if (writer_.pass_on(bytes, socket_) == SocketWriter::Push::failed) return lose_writing();
  watch();
}

void UpstreamSocket::set_reading(bool on) {
  reading_ = on;
  watch();
}

void UpstreamSocket::finish_writing() {
  finishes_writing_ = true;
  flush();
}

void UpstreamSocket::leave(bool says_no_more) {
  if (stage_ != Stage::open) return abandon();
  stage_ = Stage::leaving;
  finishes_writing_ = finishes_writing_ || says_no_more;
  set_deadline(shard_.now() + shard_.options().goodbye_timeout);
  flush();
}

// All has left. Closing with unread bytes would send a reset, which can overtake our last bytes.
void UpstreamSocket::linger() {
  if (lingers_) return watch();
  if (has_ended_ || !shard_.may_linger()) return close();
  lingers_ = true;
  set_deadline(shard_.now() + shard_.options().linger_timeout);
  watch();
}

void UpstreamSocket::abandon() {
  if (stage_ != Stage::closed) close();
}

// The last call: it may destroy this object's owner later.
void UpstreamSocket::close() {
  if (std::exchange(lingers_, false)) shard_.end_linger();
  stage_ = Stage::closed;
  shard_.wheel().cancel(*this);
  socket_.close();
  writer_ = SocketWriter();
  owner_.on_upstream_closed();
}

void UpstreamSocket::read_bytes() {
  const std::size_t room = owner_.room_for_client();
  if (room < kRoomMin) return set_reading(false);
  const IoResult result = receive(room);
  switch (result.status) {
    case IoStatus::done:
      return owner_.on_upstream_bytes(shard_.receive_buffer().first(result.bytes));
    case IoStatus::want_read:
      return;
    case IoStatus::want_write:
      return watch();
    case IoStatus::end:
    case IoStatus::failed:
      return end();
  }
}

void UpstreamSocket::discard() {
  const IoResult result = receive(shard_.receive_buffer().size());
  if (result.status == IoStatus::failed) return close();
  if (result.status != IoStatus::end) return;
  has_ended_ = true;
  writer_.empty() ? close() : watch();
}

// A server that closes with unread bytes of ours resets the connection; its last bytes, a close
// frame perhaps, have come before.
void UpstreamSocket::lose_writing() {
  is_lost_ = true;
  writer_ = SocketWriter();
  watch();
  owner_.on_upstream_lost();
}

// What has been accepted for the upstream must still leave, so the socket is not closed yet.
void UpstreamSocket::end() {
  has_ended_ = true;
  watch();
  owner_.on_upstream_end();
}

void UpstreamSocket::flush() {
  if (socket_.fd() < 0) return;
  if (!writer_.empty() && !writer_.write_out(socket_, shard_.join_buffer())) {
    return stage_ == Stage::open ? lose_writing() : close();
  }
  if (writer_.empty() && std::exchange(finishes_writing_, false)) socket_.finish_writing();
  if (stage_ == Stage::leaving && writer_.empty()) return linger();
  watch();
}

// ---- what the loop reports ----

IoResult UpstreamSocket::receive(std::size_t most) {
  if (shard_.is_held_up()) return {IoStatus::want_read};
  const std::span<char> buffer = shard_.receive_buffer();
  const IoResult result = socket_.read(buffer.first(std::min(most, buffer.size())));
  read_wants_write_ = result.status == IoStatus::want_write;
  return result;
}

void UpstreamSocket::handle_events(std::uint32_t events) {
  const bool is_hung_up = (events & (EPOLLHUP | EPOLLERR)) != 0;
  const bool readable = (events & EPOLLIN) != 0 || is_hung_up || read_wants_write_;
  const bool writable = (events & EPOLLOUT) != 0 || is_hung_up;  // a lost one refuses at once
  if (writable) writer_.set_writable();
  switch (stage_) {
    case Stage::closed:
      return;
    case Stage::open:
      return handle_events_while_open(writable, readable, is_hung_up);
    case Stage::leaving:
      if (writable) flush();
      if (stage_ == Stage::leaving && readable) discard();
      return;
  }
}

void UpstreamSocket::handle_events_while_open(bool writable, bool readable, bool is_hung_up) {
  const bool had_room = has_room();
  if (writable) flush();
  if (stage_ == Stage::open && !had_room && has_room()) owner_.on_upstream_room();
  if (stage_ != Stage::open || !readable) return;
  if (reads()) return read_bytes();
  // While it is not read, only its loss is reported.
  const bool is_news = is_hung_up && watch_.note_hang_up(shard_.poller(), socket_.fd(), *this);
  if (is_news) owner_.on_upstream_lost();
}

bool UpstreamSocket::reads() const {
  switch (stage_) {
    case Stage::closed:
      return false;
    case Stage::open:
      return reading_ && !has_ended_;
    case Stage::leaving:
      return !has_ended_;
  }
  return false;
}

void UpstreamSocket::watch() {
  if (socket_.fd() < 0) return;
  const bool writes = writer_.is_blocked() || (read_wants_write_ && reads());
  watch_.set(shard_.poller(), socket_.fd(), reads(), writes, *this);
}

}  // namespace usher::net
