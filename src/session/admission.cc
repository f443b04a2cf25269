// Coming in: from the upgrade to `live`, or to the close that says why not.
#include <algorithm>
#include <utility>

#include "auth/origin.h"
#include "hub/protocol_text.h"
#include "limits/address_key.h"
#include "session/server_session.h"
#include "ticket/mint.h"
#include "wire/protocol_reply.h"

namespace usher::session {
namespace {

// A client that shows this many credentials that are none is not one.
constexpr int kRefusalsMax = 8;

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

bool is_temporary(Rejection why) {
  return why == Rejection::too_many_requests || why == Rejection::key_unknown;
}

}  // namespace

void ServerSession::begin(const edge::Opening& opening, TimePoint now) {
  now_ = now;
  endpoint_ = opening.endpoint;
  pings_ =
      opening.subprotocol || endpoint_ == edge::Endpoint::sdk ? Pings::protocol : Pings::web_socket;
  const limits::PackedAddressKey address(opening.peer_address);
  identity_ = IdentityText(CameFrom{opening.origin, address.view()});

  // Before the ticket: a foreign page must not burn tickets.
  if (!dependencies_.origins.get()->allows(opening.origin))
    return refuse({Rejection::origin_blocked, {}, {}});
  pending_ = std::make_unique<Pending>();
  pending_->peer_address = opening.peer_address;
  if (endpoint_ == edge::Endpoint::sdk) {
    outlet_.release();
    pending_->connect_by = pending_->give_up_at = now + dependencies_.options.connect_timeout;
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
  pending_->give_up_at = now + dependencies_.options.store_timeout;
  if (endpoint_ == edge::Endpoint::sdk && ticket::is_well_formed(credential)) {
    pending_->shown = ticket::hash(credential);
  } else {
    pending_->shown.reset();
  }
  pending_->check.start(
      dependencies_, endpoint_, credential, origin(), identity_.from().address_key,
      [this](Result<ticket::Grant, Refusal> result) { on_credential(std::move(result)); });
  if (state_ == State::opening) arm_deadline();
}

void ServerSession::on_credential(Result<ticket::Grant, Refusal> result) {
  if (!result) {
    // SDKs show their last ticket again; they have paid for coming without one.
    if (endpoint_ == edge::Endpoint::ws && may_be_forged(result.error())) {
      dependencies_.observer.on_forged(pending_->peer_address, now_);
    }
    return refuse(result.error());
  }
  remember_ticket(pending_->shown);
  if (result->subs.empty()) {
    take_identity(std::move(*result));
    return join();
  }
  // What the ticket was asked for with, checked then; it can't be malformed now.
  const auto subs = wire::read_subs(dependencies_.json, result->subs,
                                    dependencies_.options.channels_per_connection);
  if (subs) {
    for (const wire::WishedSubscription& wish : *subs) {
      std::optional<hub::Position> since;
      if (wish.recover) since = hub::Position{wish.since.offset, std::string(wish.since.epoch)};
      pending_->wishes.push_back({std::string(wish.channel), std::move(since), wish.filtered});
    }
  }
  take_identity(std::move(*result));
  join();
}

void ServerSession::take_identity(ticket::Grant grant) {
  if (!identity_.jti().empty() && identity_.jti() != grant.jti) {
    past().tokens.add(identity_.jti(), identity_.exp() + dependencies_.options.leeway.count(),
                      unix_seconds(dependencies_.wall_clock.now()),
                      dependencies_.options.earlier_tokens_max);
  }
  identity_ = IdentityText(grant.session, grant.user, grant.jti, {grant.iat, grant.token_exp},
                           identity_.from());
  channel_patterns_ = grant.channels.empty()
                          ? nullptr
                          : std::make_unique<std::vector<std::string>>(std::move(grant.channels));
  set_expiry(grant.token_exp);
}

void ServerSession::remember_ticket(const std::optional<ticket::TicketHash>& hash) {
  if (!hash) return;
  past().spent = SpentTicket{*hash, now_ + dependencies_.options.ticket_known_for};
}

void ServerSession::tell_ticket_ended() {
  if (past_ == nullptr || !past_->spent || now_ >= past_->spent->known_until) return;
  dependencies_.tickets.connection_ended(past_->spent->hash);
  past_->spent.reset();
}

void ServerSession::join() {
  state_ = State::joining;
  dependencies_.hub.name(*this);
  write_line(dependencies_.log, LogLevel::info, "[WS] Authenticated via ticket",
             {{"hasUserId", !identity_.user().empty()}}, who());
  dependencies_.hub.join(*this, std::move(pending_->wishes),
                         [this](const hub::Joined& joined) { on_joined(joined); });
}

void ServerSession::on_joined(const hub::Joined& joined) {
  if (state_ != State::joining) return;
  if (is_engine_away(joined)) {
    later().engine_away = true;
    return outlet_.wake();
  }
  const std::string client = Subscriber::client().text();
  const std::string subs =
      endpoint_ == edge::Endpoint::ws ? hub::connect_subs(joined) : successful_subs(joined);
  wire::ConnectResult result = connect_result();
  result.client = client;
  result.subs = subs;
  std::string text;
  if (endpoint_ == edge::Endpoint::ws) {
    wire::append_connect_push(text, result);
  } else {
    wire::append_connect_reply(text, pending_->command_id, result);
  }
  state_ = State::live;
  subscribes_free_ = static_cast<std::uint16_t>(
      std::min<std::size_t>(dependencies_.options.channels_per_connection, UINT16_MAX));
  pending_.reset();
  reply(std::move(text));
  flush_replies();
  outlet_.release();
  heartbeat_ = Heartbeat(now_);
  arm_deadline();
  connected_at_ = dependencies_.wall_clock.now();
  write_line(dependencies_.log, LogLevel::info, "websocket_connected",
             {{"originHost", auth::origin_host(origin())}}, who(), {{"transport", transport()}});
  for (const hub::JoinedChannel& channel : joined) {
    if (!channel.outcome) log_refused(channel.channel, channel.outcome.error());
  }
  dependencies_.observer.on_connected();
  tell_hook(HookEvent::Kind::connected);
  // The hub is in the middle of the join: what came behind `connect` waits until that is done.
  // So does what a backend has ordered meanwhile.
  if (endpoint_ == edge::Endpoint::sdk || later_ != nullptr) outlet_.wake();
}

void ServerSession::refuse(const Refusal& refusal) {
  const RejectionRow& why = row(refusal.why);
  std::vector<LogField> fields;
  const std::string host = auth::origin_host(origin());
  if (refusal.why == Rejection::origin_blocked || refusal.why == Rejection::origin_mismatch) {
    fields.emplace_back("originHost", host);
  }
  if (!refusal.ticket_hash.empty()) fields.emplace_back("ticketHash", refusal.ticket_hash);
  if (refusal.age) {
    fields.emplace_back(
        "ageMs", std::chrono::duration_cast<std::chrono::milliseconds>(*refusal.age).count());
  }
  const LogIdentity whose(dependencies_.options.identities, {}, refusal.session, refusal.user);
  whose.append_to(fields);
  dependencies_.reject_log.write(LogLevel::warn, why.log_message, fields);
  dependencies_.observer.on_rejected(refusal.why);
  if (endpoint_ == edge::Endpoint::sdk && answer_refused_connect(refusal)) return;
  const bool has_tried_too_often =
      pending_ && pending_->refusals >= kRefusalsMax && !is_temporary(refusal.why);
  tell_ticket_ended();
  const RejectionRow& told = has_tried_too_often ? row(Rejection::nothing_usable) : why;
  const wire::CloseReason& reason =
      endpoint_ == edge::Endpoint::ws ? told.close : told.close_for_sdk;
  state_ = State::ended;
  flush_replies();
  outlet_.close(reason);
  outlet_.release();
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
    case Rejection::key_unknown:
      error = wire::ProtocolError::internal;
      break;
    default:
      return false;
  }
  if (++pending_->refusals >= kRefusalsMax) return false;
  reply_error(pending_->command_id, error);
  pending_->give_up_at = pending_->connect_by;
  arm_deadline();
  outlet_.wake();
  return true;
}

}  // namespace usher::session
