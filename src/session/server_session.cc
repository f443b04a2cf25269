#include "session/server_session.h"

#include <algorithm>
#include <utility>

#include "session/command_reading.h"
#include "session/hook_calls.h"
#include "session/session_text.h"
#include "session/subscribe_questions.h"
#include "wire/protocol_reply.h"

namespace usher::session {
namespace {

using wire::CloseCode;

// Between the end of a credential and the close: a client that refreshes in time, by its own clock,
// is not cut off.
constexpr Duration kRefreshGrace = std::chrono::seconds(5);

constexpr wire::CloseReason kShutdown{CloseCode::going_away, "SERVER_SHUTDOWN"};
constexpr wire::CloseReason kBadRequest{CloseCode::bad_request, "BAD_REQUEST"};
constexpr wire::CloseReason kTokenExpired{CloseCode::token_expired, "TOKEN_EXPIRED"};

std::uint32_t to_milliseconds(Duration duration) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

bool is_engine_away(const hub::Joined& joined) {
  return std::any_of(joined.begin(), joined.end(), [](const hub::JoinedChannel& channel) {
    return !channel.outcome && channel.outcome.error() == hub::Error::internal;
  });
}

}  // namespace

ServerSession::ServerSession(edge::Outlet& outlet, SessionDependencies& dependencies)
    : SessionView(outlet, dependencies) {
  // With the allocator's own bytes, 192 of each idle connection.
  static_assert(sizeof(ServerSession) <= 184);
}

ServerSession::~ServerSession() {
  if (state() != State::ended) hub().leave(*this);
}

void ServerSession::begin_turn(TimePoint now) {
  hub().under_way().require_idle();
  if (now != now_) allowance_.renew();
  now_ = now;
}

// ---- from the upgrade to live ----

void ServerSession::begin(const edge::Opening& opening, TimePoint now) {
  now_ = now;
  endpoint_ = opening.endpoint;
  pings_ =
      opening.subprotocol || endpoint_ == edge::Endpoint::sdk ? Pings::protocol : Pings::web_socket;
  held_ = HeldCredential(opening);
  admission_ = std::make_unique<Admission>(dependencies_, opening.endpoint, held_);
  if (const auto reason = admission_->begin(opening, now, on_checked())) return reject(*reason);
  if (state() != State::opening) return;
  if (endpoint_ == edge::Endpoint::sdk) outlet().release();
  arm_deadline();
}

CredentialCheck::Done ServerSession::on_checked() {
  return [this](Result<ticket::Grant, Refusal> checked) {
    settle(admission_->judge(std::move(checked), now_));
  };
}

void ServerSession::settle(Admission::Outcome outcome) {
  if (auto* admitted = std::get_if<Admission::Admitted>(&outcome)) {
    return join(std::move(*admitted));
  }
  if (const auto* refused = std::get_if<Admission::Refused>(&outcome)) {
    return answer_refused(refused->error);
  }
  reject(std::get<wire::CloseReason>(outcome));
}

void ServerSession::join(Admission::Admitted admitted) {
  take_credential(std::move(admitted.grant), admitted.ticket);
  life_.take(Event::admitted);
  hub().name(*this);
  log().authenticated(!held_.user().empty());
  hub().join(*this, std::move(admitted.wishes),
             [this](const hub::Joined& joined) { on_joined(joined); });
}

void ServerSession::on_joined(const hub::Joined& joined) {
  if (is_engine_away(joined)) {
    if (state() != State::joining) return;
    agenda().engine_away = true;
    return outlet().wake();
  }
  if (!life_.take(Event::joined)) return;
  const std::string client = Subscriber::client().text();
  const ConnectFacts facts{endpoint_, admission_->command_id(), client, pings_ == Pings::protocol};
  admission_.reset();
  reply(connect_text(dependencies_.options, held_, facts, joined, now_));
  replies_.flush();
  outlet().release();
  allowance_.set_free_subscriptions(dependencies_.options.channels_per_connection);
  heartbeat_ = Heartbeat(now_);
  arm_deadline();
  note_connected(joined);
  // The hub is in the middle of the join: commands behind `connect` wait until that is done. So do
  // the orders of a backend that have come meanwhile.
  if (endpoint_ == edge::Endpoint::sdk || agenda_ != nullptr) outlet().wake();
}

void ServerSession::note_connected(const hub::Joined& joined) {
  connected_at_ = dependencies_.wall_clock.now();
  const SessionLog lines = log();
  lines.connected(held_.origin());
  for (const hub::JoinedChannel& channel : joined) {
    if (!channel.outcome) lines.subscription_refused(channel.channel, channel.outcome.error());
  }
  dependencies_.observer.on_connected();
  tell_connected(dependencies_.hooks, *this);
}

void ServerSession::answer_refused(wire::ProtocolError error) {
  reply_error(admission_->command_id(), error);
  arm_deadline();
  outlet().wake();
}

void ServerSession::reject(const wire::CloseReason& reason) {
  tell_ticket_ended();
  life_.take(Event::rejected);
  replies_.flush();
  outlet().close(reason);
  outlet().release();
}

// ---- while it lasts ----

void ServerSession::on_turn(TimePoint now) {
  begin_turn(now);
  allowance_.renew();
  if (state() == State::ended || agenda_ == nullptr) return;
  if (agenda_->close) return end({agenda_->close->first, agenda_->close->second});
  if (agenda_->engine_away) {
    hub().leave(*this);
    return reject(admission_->on_engine_away());
  }
  SubscribeQuestions(*this).go_on();
  if (must_hold()) return outlet().pause();
  if (state() != State::live || agenda_ == nullptr) return;
  if (const auto news = std::exchange(agenda_->new_end, {})) tell_new_end(*news);
  CommandReading(*this).go_on();
}

void ServerSession::on_text(std::string_view message, TimePoint now) {
  begin_turn(now);
  dependencies_.observer.on_message();
  CommandReading(*this).read(message);
}

void ServerSession::on_binary(std::string_view, TimePoint now) {
  begin_turn(now);
  // SDKs come back after 1003.
  end(endpoint_ == edge::Endpoint::sdk
          ? kBadRequest
          : wire::CloseReason{CloseCode::unsupported_data, "UNSUPPORTED_DATA"});
}

void ServerSession::on_pong(TimePoint now) {
  begin_turn(now);
  if (pings_ == Pings::web_socket) heartbeat_.on_answer();
  arm_deadline();
}

void ServerSession::on_protocol_pong() {
  if (pings_ == Pings::protocol) heartbeat_.on_answer();
  arm_deadline();
}

void ServerSession::close(const wire::CloseReason& reason) {
  if (state() == State::ended || is_silent_) return;
  agenda().close.emplace(reason.code, reason.reason);
  is_silent_ = true;
  outlet().wake();
}

// ---- commands ----

// Commands behind `connect` are answered after it.
bool ServerSession::must_hold() const {
  return state() == State::joining || (state() == State::opening && admission_->is_checking());
}

void ServerSession::connect(std::uint32_t id, const wire::ConnectCommand& command) {
  if (endpoint_ != edge::Endpoint::sdk) return end(kBadRequest);
  if (const auto reason = admission_->connect(id, command, now_, on_checked())) {
    return reject(*reason);
  }
  if (state() == State::opening) arm_deadline();
}

// ---- the credential ----

void ServerSession::take_credential(ticket::Grant grant,
                                    const std::optional<ticket::TicketHash>& ticket) {
  if (ticket) held_.remember_ticket(*ticket, now_ + dependencies_.options.ticket_known_for);
  held_.take(std::move(grant), dependencies_.options, dependencies_.wall_clock.now(), now_);
}

void ServerSession::start_refresh(std::uint32_t id, std::string_view token) {
  if (agenda().refresh != nullptr) return reply_error(id, wire::ProtocolError::too_many_requests);
  auto started = std::make_unique<Refresh>(id, now_ + dependencies_.options.store_timeout);
  Refresh& refresh = *started;
  agenda_->refresh = std::move(started);
  refresh.start(
      dependencies_, endpoint_, held_, token,
      [this](Result<ticket::Grant, Refusal> checked) { on_refreshed(std::move(checked)); });
  arm_deadline();
}

void ServerSession::on_refreshed(Result<ticket::Grant, Refusal> checked) {
  // Moved out first: the session may end below.
  const std::unique_ptr<Refresh> refresh = std::move(agenda_->refresh);
  drop_empty_agenda();
  Refresh::Outcome outcome = refresh->judge(std::move(checked), held_);
  if (const auto* reason = std::get_if<wire::CloseReason>(&outcome)) return end(*reason);
  if (const auto* error = std::get_if<wire::ProtocolError>(&outcome)) {
    return reply_error(refresh->command_id(), *error);
  }
  apply_refresh(refresh->command_id(), std::move(std::get<Refresh::Granted>(outcome)));
}

void ServerSession::apply_refresh(std::uint32_t id, Refresh::Granted granted) {
  hub().change_identity(*this, [&] { take_credential(std::move(granted.grant), granted.ticket); });
  const std::string client = Subscriber::client().text();
  reply(refresh_reply(dependencies_.options, held_, id, client, now_));
  arm_deadline();
}

// The new end is told in a turn of its own, which knows the time.
void ServerSession::refresh(bool expired, std::optional<std::int64_t> expire_at) {
  if (expired) return close(kTokenExpired);
  agenda().new_end = Agenda::NewEnd{expire_at};
  outlet().wake();
}

void ServerSession::tell_new_end(const Agenda::NewEnd& news) {
  held_.set_end(news.at, dependencies_.wall_clock.now(), now_);
  reply(refresh_push(held_, now_));
  arm_deadline();
}

// ---- the one timer ----

HeartbeatTimes ServerSession::heartbeat_times() const {
  const SessionOptions& options = dependencies_.options;
  return {std::min(options.ping_interval, options.ping_interval_told_min), options.pong_timeout};
}

void ServerSession::arm_deadline() {
  switch (state()) {
    case State::opening:
      return outlet().set_deadline(admission_->deadline());
    case State::joining:
      return outlet().set_deadline(std::nullopt);
    case State::live:
      return outlet().set_deadline(live_deadline());
    case State::ended:
      return;  // the outlet has a deadline of its own for the rest of its output
  }
}

TimePoint ServerSession::live_deadline() const {
  TimePoint deadline = heartbeat_.deadline(heartbeat_times());
  if (held_.end()) deadline = std::min(deadline, *held_.end() + kRefreshGrace);
  if (agenda_ != nullptr && agenda_->refresh != nullptr) {
    deadline = std::min(deadline, agenda_->refresh->deadline());
  }
  return deadline;
}

void ServerSession::on_deadline(TimePoint now) {
  begin_turn(now);
  if (state() == State::opening) return reject(admission_->on_deadline());
  if (state() != State::live) return;
  if (held_.end() && now >= *held_.end() + kRefreshGrace) return end(kTokenExpired);
  if (agenda_ != nullptr && agenda_->refresh != nullptr && now >= agenda_->refresh->deadline()) {
    on_refreshed(Refusal{Rejection::store_unavailable, {}, {}});
  }
  if (heartbeat_.awaits_answer() && outlet().may_be_unread(heartbeat_.since()))
    heartbeat_.on_answer();
  held_.forget_old_ticket(now_);
  switch (heartbeat_.advance(heartbeat_times(), now)) {
    case Heartbeat::Step::wait:
      break;
    case Heartbeat::Step::give_up:
      return end({CloseCode::no_pong, "NO_PONG"});
    case Heartbeat::Step::ping:
      send_heartbeat();
      break;
  }
  arm_deadline();
}

void ServerSession::send_heartbeat() {
  if (pings_ == Pings::protocol) {
    outlet().send_text("{}");
  } else {
    outlet().send_ping();
  }
}

// ---- the end ----

void ServerSession::on_shutdown(Duration retry_after) {
  begin_turn(now_);
  if (state() == State::live) {
    std::string text;
    wire::append_disconnect_push(text, {.code = kShutdown.code,
                                        .reason = kShutdown.reason,
                                        .reconnect = true,
                                        .retry_after_ms = to_milliseconds(retry_after)});
    outlet().send_text(text);
  }
  end(kShutdown);
}

void ServerSession::end(const wire::CloseReason& reason) {
  if (state() == State::ended) return;
  replies_.flush();
  finish(reason.code, reason.reason);
  outlet().close(reason);
  outlet().release();
}

void ServerSession::on_closed(const edge::Ending& ending) {
  begin_turn(now_);
  finish(ending.code, ending.reason);
}

void ServerSession::tell_ticket_ended() {
  if (const auto ticket = held_.take_ticket(now_)) dependencies_.tickets.connection_ended(*ticket);
}

void ServerSession::finish(std::uint16_t code, std::string_view reason) {
  if (state() == State::ended) return;
  const bool was_connected = state() == State::live;
  if (was_connected) tell_disconnected(dependencies_.hooks, *this, code, reason);
  hub().leave(*this);
  tell_ticket_ended();
  admission_.reset();
  if (agenda_ != nullptr) agenda_->refresh.reset();
  life_.take(Event::ended);
  if (!was_connected) dependencies_.observer.on_abandoned();
  dependencies_.observer.on_closed(code, was_connected);
  if (was_connected) log().disconnected(code, reason, connected_at_);
}

}  // namespace usher::session
