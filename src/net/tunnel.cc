#include "net/tunnel.h"

#include <algorithm>

#include "base/check.h"
#include "net/keep_alive.h"
#include "net/upstream_addresses.h"

namespace usher::net {
namespace {

constexpr std::size_t kEarlyBytesMax = 16 * 1024;

}  // namespace

Tunnel::Tunnel(ShardContext& shard, Socket socket)
    : AcceptedSocket(shard, std::move(socket)), upstream_(shard, *this) {}

// Besides its two descriptors and its session, all that an idle tunnel costs.
static_assert(sizeof(Tunnel) <= 360);

void Tunnel::start(const edge::TunnelOpening& opening, std::span<const char> first_bytes) {
  start_in_place_of_another();
  guarded([&] {
    advance(Event::upgraded);
    put_by(first_bytes);
    session_ = shard().application().open_tunnel(*this, opening, shard().now());
  });
}

// ---- the ways in ----

template <class Work>
void Tunnel::guarded(Work work) {
  try {
    work();
  } catch (const std::exception& broken) {
    break_off(broken);
  }
}

void Tunnel::break_off(const std::exception& broken) {
  const auto end = [&]() noexcept {
    shard().report(broken);
    if (session_ != nullptr && !session_ended_) session_->on_closed({1011, "INTERNAL_ERROR"});
    session_ended_ = true;
    upstream_.abandon();
    abandon();
  };
  if (phase() != Phase::closed || upstream_.stage() != UpstreamSocket::Stage::closed) end();
}

void Tunnel::on_events(std::uint32_t events) {
  guarded([&] { handle_events(events); });
}

void Tunnel::on_deadline(TimePoint now) {
  guarded([&] {
    if (!rules().sends) {
      advance(Event::timed_out);
    } else if (!session_ended_) {
      session().on_deadline(now);
    }
  });
}

void Tunnel::run() {
  guarded([&] {
    if (phase() == Phase::failed) {
      pass_last_bytes();
      return lose_client();
    }
    if (std::exchange(session_waits_, false) && !session_ended_) session().on_turn(shard().now());
    if (phase() == Phase::held && dial_ != nullptr) dial_->start();
    if (phase() != Phase::open) return;
    if (dial_ != nullptr) begin_passing();
    if (phase() != Phase::open) return;
    room_for_client() >= UpstreamSocket::kRoomMin ? upstream_.set_reading(true) : wait_for_room();
  });
}

bool Tunnel::awaits_goodbye() const {
  return session_ != nullptr && !session_ended_ && rules().sends;
}

void Tunnel::say_goodbye(Duration retry_after) {
  guarded([&] { session().on_shutdown(retry_after); });
}

edge::TunnelSession& Tunnel::session() {
  USHER_INVARIANT(session_ != nullptr);
  shard().flushing().require_idle();
  return *session_;
}

// ---- dialling ----

void Tunnel::dial(std::size_t upstream, std::string request) {
  UpstreamDial::Owner& owner = *this;
  dial_ = std::make_unique<UpstreamDial>(shard(), owner, upstream, std::move(request));
  ask_for_turn();
}

void Tunnel::on_upstream_answer(const wire::HttpAnswer& answer) {
  session().on_answer(answer, shard().now());
}

void Tunnel::on_upstream_unreachable(const edge::Unreachable& reason) {
  if (rules().sends && !session_ended_) session().on_unreachable(reason, shard().now());
}

void Tunnel::open(std::string switching_protocols) {
  keep_alive(fd());
  push_last(std::move(switching_protocols));
  advance(Event::released);
  last_passed_ = shard().now();
  upstream_.open(dial_->take_socket(), dial_->upstream());
  set_reading(false);
  ask_for_turn();
}

// In a turn of its own: the session must not hear of bytes, or of an end, while it opens the tunnel.
void Tunnel::begin_passing() {
  const std::unique_ptr<UpstreamDial> dial = std::move(dial_);
  if (!dial->rest().empty()) on_upstream_bytes(dial->rest());
  if (phase() != Phase::open || frames_.is_ordered()) return;
  pass_to_upstream(put_by_.bytes());
  put_by_.keep_last(0);
  read_while_there_is_room();
}

void Tunnel::refuse(std::string switching_protocols, const wire::CloseReason& reason) {
  session_ended_ = true;
  if (dial_ != nullptr) dial_->give_up();
  frames_.order_close(reason);
  switching_protocols += frames_.take_frame_for_client();
  push_last(std::move(switching_protocols));
  advance(Event::said_close);
}

// ---- from the client ----

void Tunnel::handle_events(std::uint32_t events) {
  if (phase() == Phase::closed) return;
  const bool hung_up = (events & (EPOLLHUP | EPOLLERR)) != 0;
  const bool has_ended = rules().reading == Reading::discarded || half_open_;
  if (hung_up && ((events & EPOLLIN) == 0 || has_ended)) {
    if (!leaves_bytes(events)) return lose_client();
    note_hang_up();
    return limit_silence();
  }
  if ((events & EPOLLOUT) != 0) note_writable();
  if (!has_to_read(events)) return;
  const IoResult result = receive(std::max(upstream_.room(), UpstreamSocket::kRoomMin));
  switch (result.status) {
    case IoStatus::done:
      return take_bytes(shard().receive_buffer().first(result.bytes));
    case IoStatus::end:
      return end_client();
    case IoStatus::failed:
      return lose_client();
    case IoStatus::want_read:
    case IoStatus::want_write:
      return;
  }
}

void Tunnel::take_bytes(std::span<const char> bytes) {
  switch (phase()) {
    case Phase::held:
      return put_by(bytes);
    case Phase::open:
      pass_to_upstream(bytes);
      return read_while_there_is_room();
    case Phase::farewell:
      frames_.follow_client(bytes);
      if (frames_.client_has_closed()) advance(Event::peer_closed);
      return;
    default:
      return;  // thrown away
  }
}

void Tunnel::put_by(std::span<const char> bytes) {
  put_by_.append(bytes);
  if (put_by_.size() >= kEarlyBytesMax) set_reading(false);
}

void Tunnel::pass_to_upstream(std::span<const char> bytes) {
  if (bytes.empty()) return;
  last_passed_ = shard().now();
  frames_.follow_client(bytes);
  if (frames_.both_have_closed()) limit_silence();
  if (!session_ended_) session().on_passed(edge::Direction::to_upstream, bytes.size());
  upstream_.send(bytes);
}

void Tunnel::read_while_there_is_room() {
  if (phase() != Phase::open) return;
  set_reading(upstream_.has_room() && !frames_.is_ordered() && !half_open_);
}

// Returns whether the client has closed its socket behind bytes for which the upstream has no room
// yet. A reset means that they are not worth it.
bool Tunnel::leaves_bytes(std::uint32_t events) const {
  return (events & EPOLLERR) == 0 && phase() == Phase::open && !frames_.is_ordered() &&
         !half_open_ && !upstream_.is_lost() && !upstream_.has_room();
}

// The client takes nothing any more. What it said before is passed on, as far as there is room.
void Tunnel::pass_last_bytes() {
  if (dial_ != nullptr || frames_.is_ordered() || half_open_) return;
  set_reading(true);
  while (upstream_.has_room()) {
    const IoResult result = receive(upstream_.room());
    if (result.status != IoStatus::done) return;
    pass_to_upstream(shard().receive_buffer().first(result.bytes));
  }
}

// A half-closed client still gets what the upstream has for it.
void Tunnel::end_client() {
  if (phase() != Phase::open || frames_.is_ordered() || half_open_) return lose_client();
  half_open_ = true;
  set_reading(false);
  upstream_.finish_writing();
  limit_silence();
}

void Tunnel::lose_client() {
  tell_session_closed();
  frames_.drop_order();
  upstream_.leave(true);
  abandon();
}

// ---- from the upstream ----

void Tunnel::on_upstream_bytes(std::span<const char> bytes) {
  if (phase() != Phase::open) return;
  pass_to_client(bytes.first(frames_.follow_upstream(bytes)));
  if (frames_.is_ordered() && frames_.may_tell_client()) return say_close();
  if (phase() == Phase::open && room_for_client() < UpstreamSocket::kRoomMin) {
    upstream_.set_reading(false);
    wait_for_room();
  }
}

void Tunnel::pass_to_client(std::span<const char> bytes) {
  last_passed_ = shard().now();
  if (frames_.both_have_closed()) limit_silence();
  if (!session_ended_) session().on_passed(edge::Direction::to_client, bytes.size());
  pass_on(bytes);
}

std::size_t Tunnel::room_for_client() const {
  const std::size_t most = upstream_.target().buffer_bytes;
  return most - std::min(most, waiting_bytes());
}

void Tunnel::on_upstream_room() { read_while_there_is_room(); }

void Tunnel::on_upstream_lost() {
  read_while_there_is_room();
  limit_silence();
}

void Tunnel::on_upstream_end() {
  if (frames_.is_ordered()) return frames_.may_tell_client() ? say_close() : lose_client();
  if (phase() == Phase::open) {
    tell_session_closed();
    end_after_sending();
  }
  upstream_.leave(true);
}

void Tunnel::on_upstream_timer(TimePoint now) {
  if (frames_.is_ordered()) return lose_client();
  if (phase() != Phase::open) return;
  const Duration most = is_last_ ? kLastSilenceMax : upstream_.target().idle_timeout;
  if (now - last_passed_ < most) return upstream_.set_deadline(last_passed_ + most);
  if (is_last_) return lose_client();
  if (!session_ended_) session().on_idle(now);
}

// ---- the end ----

void Tunnel::wake() {
  session_waits_ = true;
  ask_for_turn();
}

void Tunnel::close(const wire::CloseReason& reason) {
  session_ended_ = true;
  if (phase() != Phase::open) return;
  frames_.order_close(reason);
  set_reading(false);
  tell_upstream();
  if (frames_.may_tell_client()) return say_close();
  upstream_.set_deadline(shard().now() + kFrameTimeMax);
}

// A half-closed client leaves no place behind its last byte.
void Tunnel::tell_upstream() {
  const std::string frame = half_open_ ? "" : frames_.frame_for_upstream();
  upstream_told_ = !frame.empty() || frames_.client_has_closed();
  if (!frame.empty()) upstream_.send(frame);
}

void Tunnel::say_close() {
  push_last(frames_.take_frame_for_client());
  advance(frames_.client_has_closed() ? Event::said_last : Event::said_close);
  upstream_.leave(!upstream_told_);
}

void Tunnel::tell_session_closed() {
  if (session_ == nullptr || !rules().tells_session || std::exchange(session_ended_, true)) return;
  session().on_closed(frames_.ending());
}

// One of the ends should close now. A timer sees to it that the tunnel ends if none does.
void Tunnel::limit_silence() {
  if (phase() != Phase::open || frames_.is_ordered() || std::exchange(is_last_, true)) return;
  last_passed_ = shard().now();
  upstream_.set_deadline(last_passed_ + kLastSilenceMax);
}

// After the last byte the session has ended: no code of it runs.
void Tunnel::on_all_sent() {
  session_.reset();
  frames_.follow_client(put_by_.bytes());
  put_by_.keep_last(0);
  advance(Event::sent);
  if (phase() == Phase::farewell && frames_.client_has_closed()) advance(Event::peer_closed);
}

void Tunnel::on_closed() {
  if (dial_ != nullptr) dial_->give_up();
  if (upstream_.stage() == UpstreamSocket::Stage::open) return upstream_.abandon();
  if (upstream_.stage() == UpstreamSocket::Stage::closed) shard().owner().retire(*this);
}

void Tunnel::on_upstream_closed() {
  if (phase() == Phase::closed) shard().owner().retire(*this);
}

}  // namespace usher::net
