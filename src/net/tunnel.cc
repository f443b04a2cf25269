#include "net/tunnel.h"

#include <algorithm>

#include "base/check.h"
#include "net/keep_alive.h"
#include "net/upstream_addresses.h"
#include "wire/ws_frame.h"

namespace usher::net {
namespace {

constexpr std::size_t kEarlyBytesMax = 16 * 1024;

// A client must mask its frames with random bytes so that no proxy on the way can be deceived by
// their content (RFC 6455 section 10.3). The content of a close frame is usher's own.
constexpr wire::MaskKey kMask{0x75, 0x73, 0x68, 0x72};

std::string masked_close(const wire::CloseReason& reason) {
  std::string plain;
  wire::append_close_frame(plain, reason);
  std::string masked;
  wire::append_masked_frame(masked, wire::Opcode::close, std::string_view(plain).substr(2), kMask);
  return masked;
}

}  // namespace

Tunnel::Tunnel(ShardContext& shard, Socket socket)
    : AcceptedSocket(shard, std::move(socket)), upstream_(shard, *this) {}

Tunnel::~Tunnel() = default;

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
  if (phase() != Phase::closed || upstream_.stage() != UpstreamStage::closed) end();
}

void Tunnel::on_events(std::uint32_t events) {
  guarded([&] { handle_events(events); });
}

void Tunnel::on_upstream_events(std::uint32_t events) {
  guarded([&] { upstream_.handle_events(events); });
}

void Tunnel::on_upstream_deadline(TimePoint now) {
  guarded([&] { upstream_.handle_deadline(now); });
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
    if (phase() == Phase::failed) return lose_client();
    if (std::exchange(session_waits_, false) && !session_ended_) session().on_turn(shard().now());
    if (upstream_.stage() == UpstreamStage::resolving && alive_ == nullptr) resolve();
    if (phase() != Phase::open) return;
    if (!std::exchange(is_passing_, true)) begin_passing();
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
  upstream_.dial(upstream, std::move(request));
  ask_for_turn();
}

void Tunnel::resolve() {
  alive_ = std::make_shared<Tunnel*>(this);
  shard().upstreams().resolve(upstream_.upstream(), [alive = std::weak_ptr(alive_)](
                                                        const std::vector<SocketAddress>& addresses,
                                                        const std::string& why) {
    const auto tunnel = alive.lock();
    if (tunnel == nullptr) return;
    Tunnel& self = **tunnel;
    self.guarded([&] { self.upstream_.handle_addresses(addresses, why); });
  });
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
  first_ = upstream_.open();
  upstream_.set_reading(false);
  set_reading(false);
  ask_for_turn();
}

// In a turn of its own: the session must not hear of bytes, or of an end, while it opens the tunnel.
void Tunnel::begin_passing() {
  const std::string first = std::exchange(first_, {});
  if (!first.empty()) on_upstream_bytes(first);
  if (phase() != Phase::open || closing_ != nullptr) return;
  pass_to_upstream(put_by_.bytes());
  put_by_.keep_last(0);
  if (phase() == Phase::open) set_reading(upstream_.has_room() && closing_ == nullptr);
}

void Tunnel::refuse(std::string switching_protocols, const wire::CloseReason& reason) {
  session_ended_ = true;
  upstream_.abandon();
  wire::append_close_frame(switching_protocols, reason);
  push_last(std::move(switching_protocols));
  client_frames_.follow(put_by_.bytes());
  put_by_.keep_last(0);
  advance(Event::said_close);
}

// ---- from the client ----

void Tunnel::handle_events(std::uint32_t events) {
  if (phase() == Phase::closed) return;
  const bool hung_up = (events & (EPOLLHUP | EPOLLERR)) != 0;
  const bool has_ended = rules().reading == Reading::discarded || half_open_;
  if (hung_up && ((events & EPOLLIN) == 0 || has_ended)) return lose_client();
  if ((events & EPOLLOUT) != 0) note_writable();
  if (!has_to_read(events)) return;
  const std::size_t room =
      phase() == Phase::open ? upstream_.room() : shard().receive_buffer().size();
  const IoResult result = receive(std::max(room, UpstreamSocket::kRoomMin));
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
      return set_reading(upstream_.has_room() && closing_ == nullptr);
    case Phase::farewell:
      client_frames_.follow(bytes);
      if (client_frames_.has_closed()) advance(Event::peer_closed);
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
  client_frames_.follow(bytes);
  note_close(client_frames_);
  if (!session_ended_) session().on_passed(edge::Direction::to_upstream, bytes.size());
  upstream_.send(bytes);
}

// A half-closed client still gets what the upstream has for it.
void Tunnel::end_client() {
  if (phase() != Phase::open || closing_ != nullptr || half_open_) return lose_client();
  half_open_ = true;
  set_reading(false);
  upstream_.finish_writing();
  upstream_.set_deadline(shard().now() + kHalfOpenMax);
}

void Tunnel::lose_client() {
  tell_session_closed();
  closing_.reset();
  upstream_.leave(true);
  abandon();
}

// ---- from the upstream ----

void Tunnel::on_upstream_bytes(std::span<const char> bytes) {
  if (phase() != Phase::open) return;
  if (closing_ == nullptr) {
    pass_to_client(bytes.first(upstream_frames_.follow(bytes)));
  } else {
    pass_to_client(bytes.first(upstream_frames_.finish_frame(bytes)));
    if (upstream_frames_.is_between_frames()) return say_close();
  }
  if (phase() == Phase::open && room_for_client() < UpstreamSocket::kRoomMin) {
    upstream_.set_reading(false);
    wait_for_room();
  }
}

void Tunnel::pass_to_client(std::span<const char> bytes) {
  last_passed_ = shard().now();
  note_close(upstream_frames_);
  if (!session_ended_) session().on_passed(edge::Direction::to_client, bytes.size());
  pass_on(bytes);
}

std::size_t Tunnel::room_for_client() const {
  const std::size_t most = upstream_.buffer_bytes();
  return most - std::min(most, waiting_bytes());
}

void Tunnel::on_upstream_room() {
  if (phase() == Phase::open && closing_ == nullptr && !half_open_) set_reading(true);
}

void Tunnel::on_upstream_end() {
  if (closing_ != nullptr) {
    return upstream_frames_.is_between_frames() ? say_close() : lose_client();
  }
  if (phase() == Phase::open) {
    tell_session_closed();
    end_after_sending();
  }
  upstream_.leave(true);
}

void Tunnel::on_upstream_timer(TimePoint now) {
  if (closing_ != nullptr) return lose_client();
  if (phase() != Phase::open) return;
  const Duration most =
      half_open_ ? kHalfOpenMax : shard().upstreams().target(upstream_.upstream()).idle_timeout;
  if (now - last_passed_ < most) return upstream_.set_deadline(last_passed_ + most);
  if (half_open_) return lose_client();
  if (!session_ended_) session().on_idle(now);
}

void Tunnel::on_upstream_closed() { retire_if_closed(); }

// ---- the end ----

void Tunnel::wake() {
  session_waits_ = true;
  ask_for_turn();
}

void Tunnel::close(const wire::CloseReason& reason) {
  session_ended_ = true;
  if (phase() != Phase::open) return;
  closing_ = std::make_unique<Reason>(reason.code, std::string(reason.reason));
  set_reading(false);
  tell_upstream(reason);
  if (closing_ == nullptr) return;  // the upstream was lost by that
  if (upstream_frames_.is_between_frames()) return say_close();
  upstream_.set_deadline(shard().now() + kFrameTimeMax);
}

// A client that is in the middle of a frame leaves no place for a close frame.
void Tunnel::tell_upstream(const wire::CloseReason& reason) {
  upstream_told_ = client_frames_.has_closed();
  if (upstream_told_ || !client_frames_.is_between_frames()) return;
  upstream_told_ = true;
  upstream_.send(masked_close(reason));
}

// Between two frames of the upstream. Behind its own close frame none may follow.
void Tunnel::say_close() {
  const std::unique_ptr<Reason> reason = std::move(closing_);
  if (!upstream_frames_.has_closed()) {
    std::string frame;
    wire::append_close_frame(frame, {reason->first, reason->second});
    push_last(std::move(frame));
  }
  advance(client_frames_.has_closed() ? Event::said_last : Event::said_close);
  upstream_.leave(!upstream_told_);
}

void Tunnel::tell_session_closed() {
  if (session_ == nullptr || !rules().tells_session || std::exchange(session_ended_, true)) return;
  if (seen_close_ == nullptr) return session().on_closed({1006, ""});
  session().on_closed({seen_close_->first, seen_close_->second});
}

void Tunnel::note_close(wire::FrameBoundary& frames) {
  if (!frames.has_closed() || seen_close_ != nullptr) return;
  if (auto seen = frames.take_close()) {
    seen_close_ = std::make_unique<Reason>(seen->code, std::move(seen->reason));
  }
}

// After the last byte the session has ended: no code of it runs.
void Tunnel::on_all_sent() {
  session_.reset();
  advance(Event::sent);
  if (phase() == Phase::farewell && client_frames_.has_closed()) advance(Event::peer_closed);
}

void Tunnel::on_closed() {
  alive_.reset();
  if (upstream_.stage() != UpstreamStage::leaving) upstream_.abandon();
  retire_if_closed();
}

void Tunnel::retire_if_closed() {
  if (phase() != Phase::closed || upstream_.stage() != UpstreamStage::closed) return;
  if (std::exchange(retired_, true)) return;
  shard().owner().retire(*this);
}

}  // namespace usher::net
