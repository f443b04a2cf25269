// What clients ask for, command by command (contract section 3). What a backend may be asked about
// is in hook_commands.cc.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "hub/protocol_text.h"
#include "session/server_session.h"
#include "ticket/mint.h"
#include "wire/protocol_reply.h"
#include "wire/ws_message.h"

namespace usher::session {
namespace {

constexpr wire::CloseReason kBadRequest{wire::CloseCode::bad_request, "BAD_REQUEST"};

std::optional<hub::Position> position_of(bool given, const wire::StreamPosition& since) {
  if (!given) return std::nullopt;
  return hub::Position{since.offset, std::string(since.epoch)};
}

wire::ProtocolError error_of(Rejection why) {
  switch (why) {
    case Rejection::store_unavailable:
    case Rejection::key_unknown:
      return wire::ProtocolError::internal;
    case Rejection::too_many_requests:
      return wire::ProtocolError::too_many_requests;
    default:
      return wire::ProtocolError::token_expired;
  }
}

}  // namespace

// What is sent right behind `connect` is answered once that is.
bool ServerSession::must_hold() const {
  return state_ == State::joining || (state_ == State::opening && pending_->check.under_way());
}

// Commands that have to wait: until `connect` is answered, for the next turn, or until the peer
// reads.
void ServerSession::put_by(std::string_view commands) {
  if (commands.empty() || state_ == State::ended) return;
  Later& waiting = later();
  if (waiting.commands.size() + commands.size() > dependencies_.options.held_bytes_max) {
    return end(kBadRequest);
  }
  if (!waiting.commands.empty()) waiting.commands.push_back('\n');
  waiting.commands.reserve(waiting.commands.size() + commands.size() + wire::kSpareBytes);
  waiting.commands.append(commands);
}

void ServerSession::go_on_with_commands() {
  const std::string_view waiting = std::string_view(later_->commands).substr(later_->at);
  if (waiting.empty()) return;
  const std::string_view rest = read_commands(waiting);
  if (state_ == State::ended) return;
  later_->at = later_->commands.size() - rest.size();
  if (rest.empty() && !later_->close) later_.reset();
}

// A share of them for this turn. Returns the rest, which must wait for on_turn().
std::string_view ServerSession::read_commands(std::string_view commands) {
  std::string replies;
  replies_ = &replies;
  const std::string_view rest = read_some(commands);
  if (state_ != State::ended) flush_replies();
  replies_ = nullptr;
  return rest;
}

std::string_view ServerSession::read_some(std::string_view commands) {
  wire::CommandReader& reader = dependencies_.commands;
  reader.start(commands);
  for (; state_ != State::ended && !is_closing(); --commands_left_) {
    if (must_hold()) {
      outlet_.pause();
      return reader.rest();
    }
    if (commands_left_ == 0 && !reader.rest().empty()) outlet_.wake();
    if (commands_left_ == 0 || !outlet_.has_room()) return reader.rest();
    const bool is_first = state_ == State::opening;
    const std::size_t before = reader.rest().size();
    const std::optional<wire::Command> command = reader.next();
    if (!command) break;
    if (is_first && before - reader.rest().size() > dependencies_.options.connect_bytes_max) {
      end({wire::CloseCode::message_too_big, "MESSAGE_TOO_BIG"});
      break;
    }
    take(*command);
    // `connect` was refused with an error: what came behind it waits for the next one.
    if (is_first && state_ == State::opening && !must_hold()) return reader.rest();
  }
  return {};
}

// The answer to a ping is free, and so are as many subscriptions as a connection may have: a client
// that comes back wants them all at once. Others cost as much as any command.
bool ServerSession::is_within_limit(const wire::Command& command) {
  const bool is_pong = std::holds_alternative<wire::Pong>(command.request);
  if (is_pong && pings_ == Pings::protocol && heartbeat_.awaits_answer()) return true;
  if (dependencies_.options.commands.unlimited()) return true;
  if (subscribes_free_ > 0 && std::holds_alternative<wire::SubscribeCommand>(command.request)) {
    --subscribes_free_;
    return true;
  }
  return static_cast<bool>(commands_.take(dependencies_.options.commands, now_));
}

void ServerSession::take(const wire::Command& command) {
  if (!is_within_limit(command)) {
    if (command.id != 0) reply_error(command.id, wire::ProtocolError::too_many_requests);
    return;
  }
  if (state_ == State::opening) return take_first(command);
  std::visit([&](const auto& request) { carry_out(command.id, request); }, command.request);
}

// /connection/websocket: `connect` comes first, alone until it is answered.
void ServerSession::take_first(const wire::Command& command) {
  const auto* connect = std::get_if<wire::ConnectCommand>(&command.request);
  if (endpoint_ != edge::Endpoint::sdk || connect == nullptr) return end(kBadRequest);
  if (connect->token.empty()) return refuse({Rejection::nothing_usable, {}, {}});
  pending_->command_id = command.id;
  pending_->wishes.clear();
  for (const wire::WishedSubscription& wish : connect->subs) {
    pending_->wishes.push_back(
        {std::string(wish.channel), position_of(wish.recover, wish.since), wish.filtered});
  }
  check_credential(connect->token, now_);
}

void ServerSession::carry_out(std::uint32_t, const wire::Pong&) {
  if (pings_ == Pings::protocol) heartbeat_.on_answer();
  arm_deadline();
}

void ServerSession::carry_out(std::uint32_t, const wire::ConnectCommand&) { end(kBadRequest); }

void ServerSession::carry_out(std::uint32_t id, const wire::SubscribeCommand& command) {
  dependencies_.hub.subscribe(
      *this, {std::string(command.channel), position_of(command.recover, command.since)},
      [this, id, channel = std::string(command.channel)](const hub::SubscribeOutcome& outcome) {
        if (!outcome) {
          dependencies_.observer.on_command_refused();
          log_refused(channel, outcome.error());
        }
        std::string text;
        hub::append_subscribe_reply(text, id, outcome);
        reply(std::move(text));
      });
}

void ServerSession::carry_out(std::uint32_t id, const wire::UnsubscribeCommand& command) {
  if (const auto done = dependencies_.hub.unsubscribe(*this, command.channel); !done) {
    return reply_error(id, hub::protocol_error(done.error()));
  }
  std::string text;
  wire::append_unsubscribe_reply(text, id);
  reply(std::move(text));
}

void ServerSession::carry_out(std::uint32_t id, const wire::PresenceCommand& command) {
  dependencies_.hub.presence(*this, command.channel, [this, id](const auto& clients) {
    if (!clients) dependencies_.observer.on_command_refused();
    std::string text;
    hub::append_presence_reply(text, id, clients);
    reply(std::move(text));
  });
}

void ServerSession::carry_out(std::uint32_t id, const wire::PresenceStatsCommand& command) {
  dependencies_.hub.presence_stats(*this, command.channel, [this, id](const auto& stats) {
    if (!stats) dependencies_.observer.on_command_refused();
    std::string text;
    hub::append_presence_stats_reply(text, id, stats);
    reply(std::move(text));
  });
}

void ServerSession::carry_out(std::uint32_t id, const wire::HistoryCommand& command) {
  hub::HistoryQuery query;
  if (command.limit >= 0) query.limit = static_cast<std::size_t>(command.limit);
  if (command.since)
    query.since = hub::Position{command.since->offset, std::string(command.since->epoch)};
  query.reverse = command.reverse;
  dependencies_.hub.history(*this, command.channel, std::move(query), [this, id](const auto& page) {
    if (!page) dependencies_.observer.on_command_refused();
    std::string text;
    hub::append_history_reply(text, id, page);
    reply(std::move(text));
  });
}

void ServerSession::carry_out(std::uint32_t id, const wire::PingCommand&) {
  std::string text;
  wire::append_ping_reply(text, id);
  reply(std::move(text));
}

// Subscriptions have no tokens of their own. As in Centrifugo, a subscription comes first.
void ServerSession::carry_out(std::uint32_t id, const wire::SubRefreshCommand& command) {
  reply_error(id, dependencies_.hub.is_subscribed(*this, command.channel)
                      ? wire::ProtocolError::not_available
                      : wire::ProtocolError::permission_denied);
}

void ServerSession::carry_out(std::uint32_t id, wire::CommandError error) {
  switch (error) {
    case wire::CommandError::malformed:
      return end(kBadRequest);
    case wire::CommandError::bad_request:
      return reply_error(id, wire::ProtocolError::bad_request);
    case wire::CommandError::method_not_found:
      return reply_error(id, wire::ProtocolError::method_not_found);
  }
}

// ---- refresh: a new credential on the live socket ----

void ServerSession::carry_out(std::uint32_t id, const wire::RefreshCommand& command) {
  if (pending_) return reply_error(id, wire::ProtocolError::too_many_requests);  // one at a time
  pending_ = std::make_unique<Pending>();
  pending_->command_id = id;
  pending_->give_up_at = now_ + dependencies_.options.store_timeout;
  if (endpoint_ == edge::Endpoint::sdk && ticket::is_well_formed(command.token)) {
    pending_->shown = ticket::hash(command.token);
  }
  pending_->check.start(
      dependencies_, endpoint_, command.token, origin(), identity_.from().address_key,
      [this](Result<ticket::Grant, Refusal> result) { on_refresh_credential(std::move(result)); });
  arm_deadline();
}

void ServerSession::on_refresh_credential(Result<ticket::Grant, Refusal> result) {
  // Moved out first: the check that calls this lives in it.
  const std::unique_ptr<Pending> pending = std::move(pending_);
  if (!result) {
    switch (result.error().why) {
      case Rejection::session_revoked:
        return end({wire::CloseCode::session_revoked, "SESSION_REVOKED"});
      case Rejection::origin_mismatch:
        return end(kBadRequest);
      default:
        return reply_error(pending->command_id, error_of(result.error().why));
    }
  }
  const bool user_stays = identity_.user().empty() || identity_.user() == result->user;
  if (result->session != identity_.session() || !user_stays) return end(kBadRequest);
  remember_ticket(pending->shown);
  apply_refresh(std::move(*result));
  const wire::ConnectResult connection = connect_result();
  const std::string client = Subscriber::client().text();
  std::string text;
  wire::append_refresh_reply(text, pending->command_id,
                             {.client = client,
                              .version = connection.version,
                              .expires = connection.expires,
                              .ttl_s = connection.ttl_s});
  reply(std::move(text));
  arm_deadline();
}

void ServerSession::apply_refresh(ticket::Grant grant) {
  dependencies_.hub.change_identity(*this, [&] { take_identity(std::move(grant)); });
}

}  // namespace usher::session
