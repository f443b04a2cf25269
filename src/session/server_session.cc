#include "session/server_session.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "auth/origin.h"
#include "base/check.h"
#include "hub/protocol_text.h"
#include "ticket/mint.h"
#include "wire/protocol_reply.h"

namespace usher::session {
namespace {

using wire::CloseCode;

// Between the end of a credential and the close: a client that refreshes in time, by its own clock,
// is not cut off.
constexpr Duration kRefreshGrace = std::chrono::seconds(5);

// Far beyond any connection, and within what every clock and client can count.
constexpr std::int64_t kLifeSecondsMax = std::numeric_limits<std::int32_t>::max();

// A client that shows this many credentials that are none is not one.
constexpr int kRefusalsMax = 8;

constexpr wire::CloseReason kShutdown{CloseCode::going_away, "SERVER_SHUTDOWN"};

// SDKs take every entry of a connect reply for a subscription that they have: what failed is left
// out for them.
std::string successful_subs(const hub::Joined& joined) {
  std::string subs;
  for (const hub::JoinedChannel& channel : joined) {
    if (channel.outcome) hub::append_connect_sub(subs, channel);
  }
  return subs;
}

bool is_engine_away(const hub::Joined& joined) {
  return std::any_of(joined.begin(), joined.end(), [](const hub::JoinedChannel& channel) {
    return !channel.outcome && channel.outcome.error() == hub::Error::internal;
  });
}

// One that is known to have expired was good once. A store that has lost its memory can't know that
// of any, forged ones included.
bool may_be_forged(const Refusal& refusal) {
  if (refusal.why == Rejection::ticket_expired) return !refusal.age;
  return refusal.why == Rejection::ticket_invalid || refusal.why == Rejection::ticket_replayed;
}

std::uint32_t to_milliseconds(Duration duration) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

ServerSession::ServerSession(Link& link, SessionServices& services)
    : link_(link), services_(services), heartbeat_(TimePoint()) {}

ServerSession::~ServerSession() {
  if (state_ != State::ended) services_.hub.leave(*this);
}

// ---- coming in ----

void ServerSession::begin(const Opening& opening, TimePoint now) {
  now_ = now;
  endpoint_ = opening.endpoint;
  pings_ = opening.subprotocol || endpoint_ == Endpoint::sdk ? Pings::protocol : Pings::web_socket;
  if (opening.origin) origin_ = std::make_unique<std::string>(*opening.origin);

  // Before the ticket: a foreign page must not burn tickets.
  if (!services_.origins.get()->allows(opening.origin))
    return refuse({Rejection::origin_blocked, {}, {}});
  pending_ = std::make_unique<Pending>();
  pending_->peer_address = opening.peer_address;
  if (endpoint_ == Endpoint::sdk) {
    link_.release();
    pending_->connect_by = pending_->give_up_at = now + services_.options.connect_timeout;
    return arm_deadline();
  }
  switch (opening.ticket_offer) {
    case wire::TicketOffer::none:
      return refuse({Rejection::no_ticket, {}, {}});
    case wire::TicketOffer::malformed:
      return refuse({Rejection::ticket_invalid, ticket::hash(opening.ticket).for_log(), {}});
    case wire::TicketOffer::several:
      return refuse({Rejection::ticket_invalid, {}, {}});
    case wire::TicketOffer::one:
      return check_credential(opening.ticket, now);
  }
}

void ServerSession::check_credential(std::string_view credential, TimePoint now) {
  pending_->give_up_at = now + services_.options.store_timeout;
  std::optional<std::string_view> origin;
  if (origin_) origin = *origin_;
  pending_->check.start(
      services_, endpoint_, credential, origin, now,
      [this](Result<ticket::Grant, Refusal> result) { on_credential(std::move(result)); });
  if (state_ == State::opening) arm_deadline();
}

void ServerSession::on_credential(Result<ticket::Grant, Refusal> result) {
  if (!result) {
    // SDKs show their last ticket again; they have paid for coming without one.
    if (endpoint_ == Endpoint::ws && may_be_forged(result.error())) {
      services_.observer.on_forged(pending_->peer_address, now_);
    }
    return refuse(result.error());
  }
  if (result->subs.empty()) {
    take_identity(std::move(*result));
    return join();
  }
  // What the ticket was asked for with, checked then; it can't be malformed now.
  const auto subs = wire::read_subs(services_.json, result->subs, services_.options.channels_max);
  if (subs) {
    for (const wire::WishedSubscription& wish : *subs) {
      std::optional<hub::Position> since;
      if (wish.recover) since = hub::Position{wish.since.offset, std::string(wish.since.epoch)};
      pending_->wishes.push_back({std::string(wish.channel), std::move(since)});
    }
  }
  take_identity(std::move(*result));
  join();
}

void ServerSession::take_identity(ticket::Grant grant) {
  identity_ = IdentityText(grant.session, grant.user, grant.jti);
  grants_ = grant.channels.empty()
                ? nullptr
                : std::make_unique<std::vector<std::string>>(std::move(grant.channels));
  set_expiry(grant.token_exp);
}

// A token within its leeway is good for one more moment, in which its client can fetch another; one
// that ends beyond all clocks is good for as long as `ttl` can say.
void ServerSession::set_expiry(std::int64_t expire_at) {
  const std::int64_t now = unix_seconds(services_.wall_clock.now());
  const std::int64_t left = expire_at > now ? expire_at - now : 1;
  expires_at_ = now_ + std::chrono::seconds(std::clamp<std::int64_t>(left, 1, kLifeSecondsMax));
}

void ServerSession::join() {
  state_ = State::joining;
  services_.log.info("[WS] Authenticated via ticket", {{"hasUserId", !identity_.user().empty()}});
  services_.hub.join(*this, std::move(pending_->wishes),
                     [this](const hub::Joined& joined) { on_joined(joined); });
}

wire::ConnectResult ServerSession::connect_result() const {
  wire::ConnectResult result;
  result.session = identity_.session();
  result.version = services_.options.version;
  result.node = services_.options.node;
  result.reconnect_spread_ms =
      static_cast<std::uint32_t>(services_.options.reconnect_spread.count());
  if (expires_at_ != TimePoint::max()) {
    result.expires = true;
    result.ttl_s = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(expires_at_ - now_).count());
  }
  if (pings_ == Pings::protocol) {
    result.ping_s = static_cast<std::uint32_t>(std::max<std::int64_t>(
        std::chrono::ceil<std::chrono::seconds>(services_.options.ping_interval).count(), 1));
    result.pong = true;
  }
  return result;
}

void ServerSession::on_joined(const hub::Joined& joined) {
  if (state_ != State::joining) return;
  // Better none, and a new attempt soon, than a connection that hears nothing on some channel.
  if (is_engine_away(joined)) {
    services_.hub.leave(*this);
    return refuse(Refusal{Rejection::store_unavailable, {}, {}});
  }
  const std::string client = Subscriber::client().text();
  const std::string subs =
      endpoint_ == Endpoint::ws ? hub::connect_subs(joined) : successful_subs(joined);
  wire::ConnectResult result = connect_result();
  result.client = client;
  result.subs = subs;
  std::string text;
  if (endpoint_ == Endpoint::ws) {
    wire::append_connect_push(text, result);
  } else {
    wire::append_connect_reply(text, pending_->command_id, result);
  }
  state_ = State::live;
  std::string held = std::move(pending_->held);
  pending_.reset();
  reply(std::move(text));
  flush_replies();
  link_.release();
  heartbeat_ = Heartbeat(now_);
  arm_deadline();
  std::optional<std::string_view> origin;
  if (origin_) origin = *origin_;
  services_.log.info("websocket_connected", {{"originHost", auth::origin_host(origin)}});
  services_.observer.on_connected();
  tell_hook(HookEvent::Kind::connected);
  take_held(std::move(held));
}

void ServerSession::refuse(const Refusal& refusal) {
  const RejectionRow& why = row(refusal.why);
  std::vector<LogField> fields;
  const std::string host =
      auth::origin_host(origin_ ? std::optional<std::string_view>(*origin_) : std::nullopt);
  if (refusal.why == Rejection::origin_blocked || refusal.why == Rejection::origin_mismatch) {
    fields.emplace_back("originHost", host);
  }
  if (!refusal.ticket_hash.empty()) fields.emplace_back("ticketHash", refusal.ticket_hash);
  if (refusal.age) fields.emplace_back("ageMs", to_milliseconds(*refusal.age));
  services_.reject_log.write(LogLevel::warn, why.log_message, fields);
  services_.observer.on_rejected(refusal.why);
  if (endpoint_ == Endpoint::sdk && answer_refused_connect(refusal)) return;
  const bool has_tried_too_often = pending_ && pending_->refusals >= kRefusalsMax;
  const RejectionRow& told = has_tried_too_often ? row(Rejection::nothing_usable) : why;
  const wire::CloseReason& reason = endpoint_ == Endpoint::ws ? told.close : told.close_for_sdk;
  state_ = State::ended;
  flush_replies();
  link_.close(reason);
  link_.release();
}

// SDKs fetch a new credential after error 109, and come again after a temporary one.
bool ServerSession::answer_refused_connect(const Refusal& refusal) {
  wire::ProtocolError error{};
  switch (refusal.why) {
    case Rejection::ticket_invalid:
    case Rejection::ticket_replayed:
    case Rejection::ticket_expired:
      error = wire::ProtocolError::token_expired;
      break;
    case Rejection::too_many_requests:
      error = wire::ProtocolError::too_many_requests;
      break;
    default:
      return false;
  }
  if (++pending_->refusals >= kRefusalsMax) return false;
  reply_error(pending_->command_id, error);
  pending_->give_up_at = pending_->connect_by;
  arm_deadline();
  return true;
}

// ---- while it lasts ----

hub::Identity ServerSession::identity() const {
  hub::Identity who;
  who.session = identity_.session();
  who.user = identity_.user();
  who.jti = identity_.jti();
  if (grants_) who.grants = *grants_;
  return who;
}

void ServerSession::deliver(const wire::SharedFrame& frame) {
  flush_replies();
  link_.send_frame(frame);
}

void ServerSession::close(const wire::CloseReason& reason) { end(reason); }

void ServerSession::refresh(bool expired, std::optional<std::int64_t> expire_at) {
  if (expired) return end({CloseCode::token_expired, "TOKEN_EXPIRED"});
  if (expire_at) {
    set_expiry(*expire_at);
  } else {
    expires_at_ = TimePoint::max();
  }
  const wire::ConnectResult connection = connect_result();
  std::string text;
  wire::append_refresh_push(text, connection.expires, connection.ttl_s);
  reply(std::move(text));
  arm_deadline();
}

void ServerSession::on_text(std::string_view message, TimePoint now) {
  now_ = now;
  services_.observer.on_message();
  read_commands(message, now);
}

void ServerSession::on_binary(std::string_view, TimePoint now) {
  now_ = now;
  end({CloseCode::unsupported_data, "UNSUPPORTED_DATA"});
}

void ServerSession::on_pong(TimePoint now) {
  now_ = now;
  if (pings_ == Pings::web_socket) heartbeat_.on_answer();
  arm_deadline();
}

HeartbeatTimes ServerSession::heartbeat_times() const {
  return {services_.options.ping_interval, services_.options.pong_timeout};
}

void ServerSession::arm_deadline() {
  switch (state_) {
    case State::opening:
      return link_.set_deadline(pending_->give_up_at);
    case State::live: {
      TimePoint deadline = heartbeat_.deadline(heartbeat_times());
      if (expires_at_ != TimePoint::max())
        deadline = std::min(deadline, expires_at_ + kRefreshGrace);
      if (pending_) deadline = std::min(deadline, pending_->give_up_at);
      return link_.set_deadline(deadline);
    }
    case State::joining:
    case State::ended:
      return link_.set_deadline(std::nullopt);
  }
}

void ServerSession::on_deadline(TimePoint now) {
  now_ = now;
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
  switch (heartbeat_.advance(heartbeat_times(), now)) {
    case Heartbeat::Step::wait:
      break;
    case Heartbeat::Step::give_up:
      return end({CloseCode::no_pong, "NO_PONG"});
    case Heartbeat::Step::ping:
      if (pings_ == Pings::protocol) {
        link_.send_text("{}");
      } else {
        link_.send_ping();
      }
      break;
  }
  arm_deadline();
}

// ---- going ----

void ServerSession::on_shutdown(Duration retry_after) {
  if (state_ == State::live) {
    std::string text;
    wire::append_disconnect_push(text, {.code = kShutdown.code,
                                        .reason = kShutdown.reason,
                                        .reconnect = true,
                                        .retry_after_ms = to_milliseconds(retry_after)});
    link_.send_text(text);
  }
  end(kShutdown);
}

void ServerSession::end(const wire::CloseReason& reason) {
  if (state_ == State::ended) return;
  flush_replies();
  finish(reason.code, reason.reason);
  link_.close(reason);
  link_.release();
}

void ServerSession::on_closed(const Ending& ending) { finish(ending.code, ending.reason); }

void ServerSession::finish(std::uint16_t code, std::string_view reason) {
  if (state_ == State::ended) return;
  const bool was_connected = state_ == State::live;
  if (was_connected) tell_hook(HookEvent::Kind::disconnected, code, reason);
  services_.hub.leave(*this);
  pending_.reset();
  state_ = State::ended;
  if (!was_connected) services_.observer.on_abandoned();
  services_.observer.on_closed(code, was_connected);
  if (was_connected)
    services_.log.info("websocket_disconnected", {{"code", code}, {"reason", reason}});
}

// ---- what is said ----

void ServerSession::reply(std::string text) {
  if (replies_ == nullptr) return link_.send_text(text);
  if (!replies_->empty()) replies_->push_back('\n');
  replies_->append(text);
}

void ServerSession::flush_replies() {
  if (replies_ == nullptr || replies_->empty()) return;
  link_.send_text(*replies_);
  replies_->clear();
}

void ServerSession::reply_error(std::uint32_t id, wire::ProtocolError error) {
  services_.observer.on_command_refused();
  std::string text;
  wire::append_error_reply(text, id, error);
  reply(std::move(text));
}

}  // namespace usher::session
