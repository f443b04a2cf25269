#include "net/accepted_socket.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "base/check.h"

namespace usher::net {

AcceptedSocket::AcceptedSocket(ShardContext& shard, Socket socket)
    : shard_(shard), socket_(std::move(socket)) {}

bool AcceptedSocket::start() {
  watch_ = Watch(EPOLLIN);
  shard_.application().on_socket(+1);
  return shard_.poller().add(socket_.fd(), EPOLLIN, *this);
}

void AcceptedSocket::start_in_place_of_another() {
  watch_ = Watch(EPOLLIN);
  shard_.application().on_socket(+1);
  USHER_INVARIANT(shard_.poller().modify(socket_.fd(), EPOLLIN, *this));
}

// ---- phases ----

bool AcceptedSocket::advance(Event event) {
  Phase to = next(phase_, event);
  if (to == phase_) return false;
  const bool begins_lingering = rules_of(to).lingers && !rules().lingers;
  if (begins_lingering && !shard_.may_linger()) to = Phase::closed;
  enter(to);
  return true;
}

// The only writer of the phase.
void AcceptedSocket::enter(Phase phase) {
  const PhaseRules& before = rules();
  phase_ = phase;
  const PhaseRules& now = rules();
  if (now.reading == Reading::stopped) reading_ = false;
  switch (now.deadline) {
    case PhaseDeadline::kept:
      break;
    case PhaseDeadline::none:
      set_deadline(std::nullopt);
      break;
    case PhaseDeadline::goodbye:
      set_deadline(shard_.now() + shard_.options().goodbye_timeout);
      break;
    case PhaseDeadline::linger:
      set_deadline(shard_.now() + shard_.options().linger_timeout);
      break;
  }
  if (phase == Phase::closed) return close_socket(before);
  if (now.needs_turn) return ask_for_turn();
  if (now.half_closed) socket_.finish_writing();
  now.lingers ? watch() : flush_later();
}

void AcceptedSocket::close_socket(const PhaseRules& before) {
  socket_.close();
  shard_.application().on_socket(-1);
  if (before.lingers) shard_.end_linger();
  if (before.admitted) shard_.application().release();
  on_closed();
}

void AcceptedSocket::set_deadline(std::optional<TimePoint> deadline) {
  if (deadline) {
    shard_.wheel().arm(*this, *deadline);
  } else {
    shard_.wheel().cancel(*this);
  }
}

// ---- what comes in ----

std::optional<std::span<char>> AcceptedSocket::receive() {
  const std::span<char> buffer = shard_.receive_buffer();
  const IoResult result = receive(buffer.size());
  if (result.status == IoStatus::end || result.status == IoStatus::failed) return std::nullopt;
  return buffer.first(result.bytes);
}

IoResult AcceptedSocket::receive(std::size_t most) {
  if (shard_.is_held_up()) return {IoStatus::want_read};  // epoll says it again
  read_wants_write_ = false;
  if (!reads()) return {IoStatus::want_read};
  const std::span<char> buffer = shard_.receive_buffer();
  const IoResult result = socket_.read(buffer.first(std::min(most, buffer.size())));
  if (result.status == IoStatus::want_write) {
    read_wants_write_ = true;
    flush_later();
  }
  return result;
}

void AcceptedSocket::set_reading(bool on) {
  if (std::exchange(reading_, on) == on) return;
  flush_later();  // what epoll reports changes at the end of the turn, if it still has to
}

void AcceptedSocket::watch() {
  if (phase_ == Phase::closed) return;
  const bool write = writer_.is_blocked() || read_wants_write_;
  watch_.set(shard_.poller(), socket_.fd(), reads(), write, *this);
}

// ---- what goes out ----

template <class Work>
void AcceptedSocket::guarded_in_flush(Work work) {
  try {
    work();
  } catch (const std::exception& broken) {
    shard_.report(broken);
    advance(Event::broken);
  }
}

void AcceptedSocket::push_last(std::string bytes) {
  writer_.push_last(std::move(bytes));
  flush_later();
}

void AcceptedSocket::push(wire::Opcode opcode, std::string_view payload) {
  if (!rules().sends) return;
  std::string frame;
  wire::append_frame(frame, opcode, payload);
  push(std::make_shared<const std::string>(std::move(frame)));
}

void AcceptedSocket::push(const wire::SharedFrame& frame, const wire::Gathering& how) {
  if (!rules().sends) return;
  // While held, the answer to the upgrade and the first frame must both go out, whatever the limit.
  const std::size_t most = phase_ == Phase::held ? std::numeric_limits<std::size_t>::max()
                                                 : shard_.options().outbox_bytes_max;
  guarded_in_flush([&] {
    switch (writer_.push(frame, most, socket_, shard_.join_buffer(), how.latest_of)) {
      case SocketWriter::Push::taken:
        return flush_within(how.write_delay);
      case SocketWriter::Push::full:
        advance(Event::overflowed);
        return;
      case SocketWriter::Push::failed:
        advance(Event::broken);
        return;
    }
  });
}

// More than one write joins is not worth waiting for.
void AcceptedSocket::flush_within(Duration delay) {
  const bool may_wait = delay > Duration::zero() && writer_.cost() < JoinBuffer::kJoinedMax;
  if (may_wait && shard_.delayed_flushes().add(*this, delay_mark_, delay, shard_.now())) return;
  flush_later();
}

void AcceptedSocket::pass_on(std::span<const char> bytes) {
  guarded_in_flush([&] {
    switch (writer_.pass_on(bytes, socket_)) {
      case SocketWriter::Push::taken:
        return;
      case SocketWriter::Push::full:
        return flush_later();
      case SocketWriter::Push::failed:
        advance(Event::broken);
    }
  });
}

void AcceptedSocket::push_pong(std::string_view payload) {
  writer_.set_pong(payload);
  flush_later();
}

bool AcceptedSocket::is_full() const {
  return phase_ == Phase::open && writer_.cost() > shard_.options().outbox_bytes_max / 2;
}

std::size_t AcceptedSocket::outbox_room() const {
  if (phase_ != Phase::open) return std::numeric_limits<std::size_t>::max();
  const std::size_t most = shard_.options().outbox_bytes_max / 2;
  return most - std::min(most, writer_.cost());
}

void AcceptedSocket::note_writable() {
  writer_.set_writable();
  flush_later();
}

void AcceptedSocket::flush() {
  guarded_in_flush([&] {
    if (!rules().leaves) return watch();
    after_writing(writer_.write_out(socket_, shard_.join_buffer()));
  });
}

std::span<const iovec> AcceptedSocket::gather_for_batch(std::span<iovec> room) {
  if (!rules().leaves || socket_.is_tls()) return {};
  return writer_.gather(room);
}

void AcceptedSocket::finish_flush(const IoResult& sent, std::size_t wanted) {
  guarded_in_flush([&] { after_writing(writer_.consume(sent, wanted)); });
}

void AcceptedSocket::after_writing(bool works) {
  if (phase_ == Phase::closed) return;
  if (!works) {
    advance(Event::broken);
    return;
  }
  if (rules().acts_on_sent && writer_.empty()) on_all_sent();
  if (waits_for_room_ && phase_ == Phase::open && !is_full()) {
    waits_for_room_ = false;
    ask_for_turn();
  }
  watch();
}

}  // namespace usher::net
