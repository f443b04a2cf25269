#include "session/tunnel_session.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "session/hook_calls.h"

namespace usher::session {
namespace {

using doors::UpstreamResult;
using wire::CloseCode;

constexpr wire::CloseReason kUnavailable{CloseCode::try_again_later, "UPSTREAM_UNAVAILABLE"};
constexpr wire::CloseReason kRefused{CloseCode::upstream_refused, "UPSTREAM_REFUSED"};
constexpr wire::CloseReason kShutdown{CloseCode::going_away, "SERVER_SHUTDOWN"};
constexpr wire::CloseReason kIdle{CloseCode::going_away, "IDLE"};
constexpr wire::CloseReason kTokenExpired{CloseCode::token_expired, "TOKEN_EXPIRED"};

}  // namespace

TunnelSession::TunnelSession(edge::TunnelOutlet& outlet, TunnelDependencies& dependencies,
                             std::size_t upstream)
    : outlet_(outlet),
      dependencies_(dependencies),
      upstream_(static_cast<std::uint32_t>(upstream)) {}

TunnelSession::~TunnelSession() {
  if (state_ != TunnelState::ended) hub().leave(*this);
}

void TunnelSession::begin_turn(TimePoint now) {
  hub().under_way().require_idle();
  now_ = now;
}

bool TunnelSession::take(TunnelEvent event) {
  const TunnelState before = state_;
  state_ = next(before, event);
  return state_ != before;
}

// ---- from the upgrade to live ----

void TunnelSession::begin(const edge::TunnelOpening& opening, std::string_view path,
                          std::string_view traceparent, TimePoint now) {
  now_ = now;
  held_ = HeldCredential(opening.opening);
  handshake_ = std::make_unique<Handshake>();
  handshake_->offer = doors::offer_of(opening.request, opening.key);
  handshake_->request =
      doors::upstream_request(opening.request, path, upstream(), handshake_->offer,
                              {.client_address = opening.opening.peer_address,
                               .secure = opening.secure,
                               .proxy_is_trusted = opening.proxy_is_trusted,
                               .traceparent = traceparent});
  admission_ = std::make_unique<Admission>(dependencies_.sessions, edge::Endpoint::tunnel, held_);
  const auto reason =
      admission_->begin(opening.opening, now, [this](Result<ticket::Grant, Refusal> checked) {
        settle(admission_->judge(std::move(checked), now_));
      });
  if (reason) return reject(*reason);
  arm_deadline();
}

void TunnelSession::settle(Admission::Outcome outcome) {
  if (auto* admitted = std::get_if<Admission::Admitted>(&outcome)) {
    return join(std::move(*admitted));
  }
  // A ticket of the upgrade is refused by a close code alone.
  reject(std::get<wire::CloseReason>(outcome));
}

void TunnelSession::join(Admission::Admitted admitted) {
  if (upstream().who == doors::Who::users && admitted.grant.user.empty()) {
    return reject(admission_->refuse_guest(admitted.grant));
  }
  handshake_->claims = std::move(admitted.grant.claims);
  const SessionDependencies& sessions = dependencies_.sessions;
  held_.take(std::move(admitted.grant), sessions.options, sessions.wall_clock.now(), now_);
  take(TunnelEvent::admitted);
  hub().name(*this);
  log().authenticated(!held_.user().empty());
  outlet_.set_deadline(std::nullopt);
  hub().join(*this, {}, [this](const hub::Joined& joined) { on_joined(joined); });
}

// The hub is in the middle of the join: dialling, or the refusal, waits for a turn.
void TunnelSession::on_joined(const hub::Joined& joined) {
  take(TunnelEvent::joined);
  engine_away_ = std::any_of(joined.begin(), joined.end(), [](const hub::JoinedChannel& channel) {
    return !channel.outcome && channel.outcome.error() == hub::Error::internal;
  });
  outlet_.wake();
}

void TunnelSession::on_turn(TimePoint now) {
  begin_turn(now);
  if (state_ == TunnelState::ended) return;
  if (ordered_close_ != nullptr) return end({ordered_close_->first, ordered_close_->second});
  if (engine_away_) return reject(admission_->on_engine_away());
  if (const auto end = std::exchange(new_end_, nullptr)) {
    held_.set_end(*end, dependencies_.sessions.wall_clock.now(), now_);
  }
  if (state_ == TunnelState::dialling && !handshake_->request.empty()) return dial();
  arm_deadline();
}

void TunnelSession::dial() {
  admission_.reset();
  const std::string client = Subscriber::client().text();
  std::string request = std::exchange(handshake_->request, {});
  doors::finish_request(request,
                        upstream().identity.fields({.session = held_.session(),
                                                    .user = held_.user(),
                                                    .client = client,
                                                    .claims = handshake_->claims},
                                                   dependencies_.sessions.wall_clock.now()));
  handshake_->claims.clear();
  handshake_->dialled_at = now_;
  outlet_.dial(upstream_, std::move(request));
}

// An order to close that came before the answer is carried out instead, in the next turn.
void TunnelSession::on_answer(const wire::HttpAnswer& answer, TimePoint now) {
  begin_turn(now);
  if (state_ != TunnelState::dialling || ordered_close_ != nullptr) return;
  const doors::UpstreamVerdict verdict =
      doors::judge(answer, handshake_->offer, dependencies_.sessions.wall_clock.now());
  if (verdict.result == UpstreamResult::opened) return note_open(verdict);
  refuse_for_upstream(verdict.result, verdict.what, verdict.retry_after, answer.status);
}

void TunnelSession::on_unreachable(const edge::Unreachable& reason, TimePoint now) {
  begin_turn(now);
  if (state_ != TunnelState::dialling || ordered_close_ != nullptr) return;
  const bool is_wrong = reason.why == edge::Unreachable::Why::not_spoken;
  refuse_for_upstream(is_wrong ? UpstreamResult::wrong : UpstreamResult::unreachable, reason.what,
                      std::nullopt, 0);
}

void TunnelSession::note_open(const doors::UpstreamVerdict& verdict) {
  take(TunnelEvent::opened);
  dependencies_.observer.on_answer(upstream_, verdict.result, now_ - handshake_->dialled_at);
  const std::unique_ptr<Handshake> handshake = std::move(handshake_);
  const SessionDependencies& sessions = dependencies_.sessions;
  connected_at_ = sessions.wall_clock.now();
  log().connected(held_.origin());
  sessions.observer.on_connected();
  tell_connected(sessions.hooks, *this);
  outlet_.open(doors::accepting_101(handshake->offer, verdict.protocol, verdict.extensions));
  arm_deadline();
}

void TunnelSession::refuse_for_upstream(UpstreamResult result, std::string_view what,
                                        std::optional<std::chrono::milliseconds> retry_after,
                                        int status) {
  dependencies_.observer.on_answer(upstream_, result, now_ - handshake_->dialled_at);
  std::vector<LogField> fields{
      {"upstream", upstream().name}, {"result", doors::to_string(result)}, {"reason", what}};
  if (status != 0) fields.emplace_back("status", status);
  if (retry_after) fields.emplace_back("retry_after_ms", retry_after->count());
  const LogIdentity whose = who();
  whose.append_to(fields);
  dependencies_.sessions.reject_log.write(LogLevel::warn, "upstream lets no client in", fields);
  end(result == UpstreamResult::refused ? kRefused : kUnavailable);
}

void TunnelSession::reject(const wire::CloseReason& reason) {
  const doors::Offer offer = std::move(handshake_->offer);
  const bool joined = state_ != TunnelState::opening;
  take(TunnelEvent::ended);
  if (joined) hub().leave(*this);
  outlet_.refuse(doors::refusing_101(offer), reason);
}

// ---- while it lasts ----

hub::Identity TunnelSession::identity() const {
  hub::Identity identity = held_.identity();
  identity.channel_patterns = {};  // it subscribes to nothing
  return identity;
}

std::optional<hub::ConnectionFacts> TunnelSession::facts() const {
  if (state_ != TunnelState::live) return std::nullopt;
  return hub::ConnectionFacts{connected_at_, "tunnel:" + upstream().name, held_.address_key()};
}

std::size_t TunnelSession::room_bytes() const { return std::numeric_limits<std::size_t>::max(); }

void TunnelSession::on_passed(edge::Direction direction, std::size_t bytes) {
  dependencies_.observer.on_passed(upstream_, direction, bytes);
}

void TunnelSession::close(const wire::CloseReason& reason) {
  if (state_ == TunnelState::ended || ordered_close_ != nullptr) return;
  ordered_close_ =
      std::make_unique<std::pair<std::uint16_t, std::string>>(reason.code, reason.reason);
  outlet_.wake();
}

void TunnelSession::refresh(bool expired, std::optional<std::int64_t> expire_at) {
  if (expired) return close(kTokenExpired);
  new_end_ = std::make_unique<std::optional<std::int64_t>>(expire_at);
  outlet_.wake();
}

// A tunnel's token cannot be refreshed on the socket, so there is no grace for that.
void TunnelSession::arm_deadline() {
  switch (state_) {
    case TunnelState::opening:
      return outlet_.set_deadline(admission_->deadline());
    case TunnelState::live:
      return outlet_.set_deadline(upstream().end_with_token ? held_.end() : std::nullopt);
    case TunnelState::joining:
    case TunnelState::dialling:
    case TunnelState::ended:
      return;
  }
}

void TunnelSession::on_deadline(TimePoint now) {
  begin_turn(now);
  if (state_ == TunnelState::opening) return reject(admission_->on_deadline());
  if (state_ != TunnelState::live) return;
  if (held_.end() && now >= *held_.end()) return end(kTokenExpired);
  arm_deadline();
}

void TunnelSession::on_idle(TimePoint now) {
  begin_turn(now);
  end(kIdle);
}

// ---- the end ----

void TunnelSession::on_shutdown(Duration) {
  begin_turn(now_);
  end(kShutdown);
}

void TunnelSession::on_closed(const edge::Ending& ending) {
  begin_turn(now_);
  finish(ending.code, ending.reason);
}

void TunnelSession::end(const wire::CloseReason& reason) {
  if (state_ == TunnelState::ended) return;
  const bool was_open = state_ == TunnelState::live;
  const std::unique_ptr<Handshake> handshake = std::move(handshake_);
  finish(reason.code, reason.reason);
  if (was_open) return outlet_.close(reason);
  outlet_.refuse(doors::refusing_101(handshake->offer), reason);
}

void TunnelSession::finish(std::uint16_t code, std::string_view reason) {
  const TunnelState before = state_;
  if (!take(TunnelEvent::ended)) return;
  const SessionDependencies& sessions = dependencies_.sessions;
  const bool was_connected = before == TunnelState::live;
  if (was_connected) tell_disconnected(sessions.hooks, *this, code, reason);
  if (before != TunnelState::opening) hub().leave(*this);
  admission_.reset();
  if (was_connected) {
    dependencies_.observer.on_closed(upstream_);
    log().disconnected(code, reason, connected_at_);
  } else {
    sessions.observer.on_abandoned();
  }
  sessions.observer.on_closed(code, was_connected);
}

LogIdentity TunnelSession::who() const {
  const auto client = Subscriber::client().digits();
  return {dependencies_.sessions.options.identities,
          {client.data(), client.size()},
          held_.session(),
          held_.user()};
}

SessionLog TunnelSession::log() const {
  return {dependencies_.sessions, who(), edge::Endpoint::tunnel, upstream().name};
}

}  // namespace usher::session
