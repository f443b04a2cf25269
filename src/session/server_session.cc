#include "session/server_session.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "wire/protocol_reply.h"

namespace usher::session {
namespace {

using wire::CloseCode;

// Between the end of a credential and the close: a client that refreshes in time, by its own clock,
// is not cut off.
constexpr Duration kRefreshGrace = std::chrono::seconds(5);

// Far beyond any connection, and within what every clock and client can count.
constexpr std::int64_t kLifeSecondsMax = std::numeric_limits<std::int32_t>::max();

constexpr std::size_t kRepliesBytesMax = 16 * 1024;

constexpr wire::CloseReason kShutdown{CloseCode::going_away, "SERVER_SHUTDOWN"};

std::uint32_t to_milliseconds(Duration duration) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

ServerSession::ServerSession(edge::Outlet& outlet, SessionDependencies& dependencies)
    : outlet_(outlet), dependencies_(dependencies), heartbeat_(TimePoint()) {
  // With the allocator's own, 192 bytes of each idle connection.
  static_assert(sizeof(ServerSession) <= 184);
}

ServerSession::~ServerSession() {
  if (state_ != State::ended) dependencies_.hub.leave(*this);
}

// ---- while it lasts ----

void ServerSession::begin_turn(TimePoint now) {
  dependencies_.hub.under_way().require_idle();
  if (now != now_) commands_left_ = kCommandsPerTurn;
  now_ = now;
}

ServerSession::Later& ServerSession::later() {
  if (later_ == nullptr) later_ = std::make_unique<Later>();
  return *later_;
}

ServerSession::Past& ServerSession::past() {
  if (past_ == nullptr) past_ = std::make_unique<Past>();
  return *past_;
}

void ServerSession::forget_spent_ticket() {
  if (past_ == nullptr || !past_->spent || now_ < past_->spent->known_until) return;
  past_->spent.reset();
  if (past_->tokens.jtis().empty()) past_.reset();
}

void ServerSession::on_turn(TimePoint now) {
  begin_turn(now);
  commands_left_ = kCommandsPerTurn;
  if (state_ == State::ended || later_ == nullptr) return;
  if (later_->close) return end({later_->close->first, later_->close->second});
  if (later_->engine_away) {
    // Better none, and a new attempt soon, than a connection that hears nothing on some channel.
    dependencies_.hub.leave(*this);
    return refuse(Refusal{Rejection::store_unavailable, {}, {}});
  }
  if (must_hold()) return outlet_.pause();
  if (state_ != State::live) return;
  if (const auto expiry = std::exchange(later_->expiry, {})) tell_expiry(*expiry);
  go_on_with_commands();
}

void ServerSession::on_text(std::string_view message, TimePoint now) {
  begin_turn(now);
  dependencies_.observer.on_message();
  put_by(read_commands(message));
}

void ServerSession::on_binary(std::string_view, TimePoint now) {
  begin_turn(now);
  // SDKs come back after 1003.
  end(endpoint_ == edge::Endpoint::sdk
          ? wire::CloseReason{CloseCode::bad_request, "BAD_REQUEST"}
          : wire::CloseReason{CloseCode::unsupported_data, "UNSUPPORTED_DATA"});
}

void ServerSession::on_pong(TimePoint now) {
  begin_turn(now);
  if (pings_ == Pings::web_socket) heartbeat_.on_answer();
  arm_deadline();
}

hub::Identity ServerSession::identity() const {
  hub::Identity who;
  who.session = identity_.session();
  who.user = identity_.user();
  who.jti = identity_.jti();
  who.iat = identity_.iat();
  if (past_) who.earlier_jtis = past_->tokens.jtis();
  if (channel_patterns_) who.channel_patterns = *channel_patterns_;
  return who;
}

void ServerSession::deliver(const wire::SharedFrame& frame) {
  if (is_closing()) return;
  flush_replies();
  outlet_.send_frame(frame);
}

void ServerSession::close(const wire::CloseReason& reason) {
  if (state_ == State::ended || is_closing()) return;
  later().close.emplace(reason.code, reason.reason);
  outlet_.wake();
}

// ---- the credential's end ----

// A token within its leeway is good for one more moment, in which its client can fetch another; one
// that ends beyond all clocks is good for as long as `ttl` can say.
void ServerSession::set_expiry(std::int64_t expire_at) {
  const std::int64_t now = unix_seconds(dependencies_.wall_clock.now());
  const std::int64_t left = expire_at > now ? expire_at - now : 1;
  expires_at_ = now_ + std::chrono::seconds(std::clamp<std::int64_t>(left, 1, kLifeSecondsMax));
}

wire::ConnectResult ServerSession::connect_result() const {
  wire::ConnectResult result;
  result.session = identity_.session();
  result.version = dependencies_.options.version;
  result.node = dependencies_.options.node;
  result.reconnect_spread_ms =
      static_cast<std::uint32_t>(dependencies_.options.reconnect_spread.count());
  if (expires_at_ != TimePoint::max()) {
    result.expires = true;
    result.ttl_s = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(expires_at_ - now_).count());
  }
  if (pings_ == Pings::protocol) {
    result.ping_s = static_cast<std::uint32_t>(std::max<std::int64_t>(
        std::chrono::ceil<std::chrono::seconds>(dependencies_.options.ping_interval).count(), 1));
    result.pong = true;
  }
  return result;
}

// In a turn of its own, which knows what time it is.
void ServerSession::refresh(bool expired, std::optional<std::int64_t> expire_at) {
  if (expired) return close({CloseCode::token_expired, "TOKEN_EXPIRED"});
  later().expiry = Later::Expiry{expire_at};
  outlet_.wake();
}

void ServerSession::tell_expiry(const Later::Expiry& expiry) {
  if (expiry.at) {
    set_expiry(*expiry.at);
  } else {
    expires_at_ = TimePoint::max();
  }
  const wire::ConnectResult connection = connect_result();
  std::string text;
  wire::append_refresh_push(text, connection.expires, connection.ttl_s);
  reply(std::move(text));
  arm_deadline();
}

// ---- the one timer ----

HeartbeatTimes ServerSession::heartbeat_times() const {
  return {dependencies_.options.ping_interval, dependencies_.options.pong_timeout};
}

void ServerSession::arm_deadline() {
  switch (state_) {
    case State::opening:
      return outlet_.set_deadline(pending_->give_up_at);
    case State::live: {
      TimePoint deadline = heartbeat_.deadline(heartbeat_times());
      if (expires_at_ != TimePoint::max())
        deadline = std::min(deadline, expires_at_ + kRefreshGrace);
      if (pending_) deadline = std::min(deadline, pending_->give_up_at);
      return outlet_.set_deadline(deadline);
    }
    case State::joining:
      return outlet_.set_deadline(std::nullopt);
    case State::ended:
      return;  // the outlet has its own, for what is still to leave
  }
}

void ServerSession::on_deadline(TimePoint now) {
  begin_turn(now);
  if (state_ == State::opening) {
    const bool store_is_late = pending_->check.under_way();
    pending_->check.cancel();
    return refuse(
        {store_is_late ? Rejection::store_unavailable : Rejection::nothing_usable, {}, {}});
  }
  if (state_ != State::live) return;
  if (expires_at_ != TimePoint::max() && now >= expires_at_ + kRefreshGrace) {
    return end({CloseCode::token_expired, "TOKEN_EXPIRED"});
  }
  if (pending_ && now >= pending_->give_up_at) {
    pending_->check.cancel();
    on_refresh_credential(Refusal{Rejection::store_unavailable, {}, {}});
  }
  if (heartbeat_.awaits_answer() && outlet_.may_be_unread(heartbeat_.since()))
    heartbeat_.on_answer();
  forget_spent_ticket();
  switch (heartbeat_.advance(heartbeat_times(), now)) {
    case Heartbeat::Step::wait:
      break;
    case Heartbeat::Step::give_up:
      return end({CloseCode::no_pong, "NO_PONG"});
    case Heartbeat::Step::ping:
      if (pings_ == Pings::protocol) {
        outlet_.send_text("{}");
      } else {
        outlet_.send_ping();
      }
      break;
  }
  arm_deadline();
}

// ---- going ----

void ServerSession::on_shutdown(Duration retry_after) {
  begin_turn(now_);
  if (state_ == State::live) {
    std::string text;
    wire::append_disconnect_push(text, {.code = kShutdown.code,
                                        .reason = kShutdown.reason,
                                        .reconnect = true,
                                        .retry_after_ms = to_milliseconds(retry_after)});
    outlet_.send_text(text);
  }
  end(kShutdown);
}

void ServerSession::end(const wire::CloseReason& reason) {
  if (state_ == State::ended) return;
  flush_replies();
  finish(reason.code, reason.reason);
  outlet_.close(reason);
  outlet_.release();
}

void ServerSession::on_closed(const edge::Ending& ending) {
  begin_turn(now_);
  finish(ending.code, ending.reason);
}

void ServerSession::finish(std::uint16_t code, std::string_view reason) {
  if (state_ == State::ended) return;
  const bool was_connected = state_ == State::live;
  if (was_connected) tell_hook(HookEvent::Kind::disconnected, code, reason);
  dependencies_.hub.leave(*this);
  tell_ticket_ended();
  pending_.reset();
  state_ = State::ended;
  if (!was_connected) dependencies_.observer.on_abandoned();
  dependencies_.observer.on_closed(code, was_connected);
  if (!was_connected) return;
  const auto lasted = dependencies_.wall_clock.now() - connected_at_;
  write_line(dependencies_.log, LogLevel::info, "websocket_disconnected",
             {{"code", code}, {"reason", reason}}, who(),
             {{"transport", transport()}, {"lastedMs", lasted.count()}});
}

// ---- what the log is told ----

LogIdentity ServerSession::who() const {
  const auto client = Subscriber::client().digits();
  return {dependencies_.options.identities,
          {client.data(), client.size()},
          identity_.session(),
          identity_.user()};
}

std::string_view ServerSession::transport() const {
  return endpoint_ == edge::Endpoint::ws ? "ws" : "connection_websocket";
}

void ServerSession::log_refused(std::string_view channel, hub::Error error) const {
  write_line(dependencies_.reject_log, LogLevel::info, "subscription refused",
             {{"channel", channel_for_log(dependencies_.options.identities, channel)},
              {"code", wire::error_code(hub::protocol_error(error))},
              {"reason", wire::error_message(hub::protocol_error(error))}},
             who());
}

// ---- what is said ----

std::size_t ServerSession::room_bytes() const {
  const std::size_t room = outlet_.room_bytes();
  return room - std::min(room, replies_ == nullptr ? 0 : replies_->size());
}

void ServerSession::reply(std::string text) {
  if (is_closing()) return;
  if (replies_ == nullptr) return outlet_.send_text(text);
  if (!replies_->empty()) replies_->push_back('\n');
  replies_->append(text);
  // Large answers leave in frames of their own, so that the outlet counts them before the next one.
  if (replies_->size() >= kRepliesBytesMax) flush_replies();
}

void ServerSession::flush_replies() {
  if (replies_ == nullptr || replies_->empty()) return;
  outlet_.send_text(*replies_);
  replies_->clear();
}

void ServerSession::reply_error(std::uint32_t id, wire::ProtocolError error) {
  dependencies_.observer.on_command_refused();
  std::string text;
  wire::append_error_reply(text, id, error);
  reply(std::move(text));
}

}  // namespace usher::session
