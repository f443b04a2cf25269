#include "session/admission.h"

#include <utility>

#include "auth/origin.h"
#include "base/log_identity.h"
#include "ticket/mint.h"
#include "wire/json_text.h"

namespace usher::session {
namespace {

// A ticket that is known to have expired was good once. A store that has lost its memory cannot
// know that of any ticket, so its `expired` has no age and may hide a forged ticket.
bool may_be_forged(const Refusal& refusal) {
  if (refusal.why == Rejection::ticket_expired) return !refusal.age;
  return refusal.why == Rejection::ticket_invalid || refusal.why == Rejection::ticket_replayed;
}

bool is_temporary(Rejection why) {
  return why == Rejection::too_many_requests || why == Rejection::key_unknown;
}

}  // namespace

std::optional<wire::CloseReason> Admission::begin(const edge::Opening& opening, TimePoint now,
                                                  CredentialCheck::Done checked) {
  // Before the ticket: a foreign page must not burn tickets.
  if (!dependencies_.origins.get()->allows(opening.origin)) {
    return reject({Rejection::origin_blocked, {}, {}});
  }
  peer_address_ = opening.peer_address;
  if (endpoint_ == edge::Endpoint::sdk) {
    connect_by_ = deadline_ = now + dependencies_.options.connect_timeout;
    return std::nullopt;
  }
  switch (opening.ticket_offer) {
    case wire::TicketOffer::none:
      return reject({Rejection::no_ticket, {}, {}});
    case wire::TicketOffer::malformed:
      return reject({Rejection::ticket_invalid, ticket::hash(opening.ticket).for_log(), {}});
    case wire::TicketOffer::several:
      return reject({Rejection::ticket_invalid, {}, {}});
    case wire::TicketOffer::one:
      check(opening.ticket, now, std::move(checked));
  }
  return std::nullopt;
}

std::optional<wire::CloseReason> Admission::connect(std::uint32_t id,
                                                    const wire::ConnectCommand& command,
                                                    TimePoint now, CredentialCheck::Done checked) {
  if (command.token.empty()) return reject({Rejection::nothing_usable, {}, {}});
  command_id_ = id;
  wishes_.clear();
  add_wishes(command.subs);
  check(command.token, now, std::move(checked));
  return std::nullopt;
}

// `checked` may destroy this object, so nothing of it is touched after start().
void Admission::check(std::string_view credential, TimePoint now, CredentialCheck::Done checked) {
  deadline_ = now + dependencies_.options.store_timeout;
  if (endpoint_ == edge::Endpoint::sdk && ticket::is_well_formed(credential)) {
    shown_ = ticket::hash(credential);
  } else {
    shown_.reset();
  }
  check_.start(dependencies_, endpoint_, credential, held_.origin(), held_.address_key(),
               std::move(checked));
}

void Admission::add_wishes(const std::vector<wire::WishedSubscription>& wishes) {
  for (const wire::WishedSubscription& wish : wishes) {
    std::optional<hub::Position> since;
    if (wish.recover) since = hub::Position{wish.since.offset, std::string(wish.since.epoch)};
    hub::Shown shown{.token = std::string(wish.token)};
    wire::append_single_line(shown.data, wish.data);
    wishes_.push_back({.channel = std::string(wish.channel),
                       .recover_since = std::move(since),
                       .filtered = wish.filtered,
                       .shown = std::move(shown),
                       .refuse_unrecovered = wish.refuse_unrecovered});
  }
}

Admission::Outcome Admission::judge(Result<ticket::Grant, Refusal> checked, TimePoint now) {
  if (checked) {
    // The wishes that the ticket was requested with. They were checked then, so they are
    // well-formed.
    if (!checked->subs.empty()) {
      const auto subs = wire::read_subs(dependencies_.json, checked->subs,
                                        dependencies_.options.channels_per_connection);
      if (subs) add_wishes(*subs);
    }
    return Admitted{std::move(*checked), shown_, std::move(wishes_)};
  }
  const Refusal& refusal = checked.error();
  // SDKs show their last ticket again, so a spent one is not held against them. Their upgrade,
  // which brings no ticket, has been counted.
  if (endpoint_ != edge::Endpoint::sdk && may_be_forged(refusal)) {
    dependencies_.observer.on_forged(peer_address_, now);
  }
  const auto error = error_of(refusal.why);
  if (!error || ++refused_ >= kRefusedCredentialsMax) return reject(refusal);
  log(refusal);
  deadline_ = connect_by_;
  return Refused{*error};
}

wire::CloseReason Admission::on_deadline() {
  const bool store_is_late = check_.under_way();
  check_.cancel();
  return reject({store_is_late ? Rejection::store_unavailable : Rejection::nothing_usable, {}, {}});
}

wire::CloseReason Admission::on_engine_away() {
  return reject({Rejection::store_unavailable, {}, {}});
}

wire::CloseReason Admission::refuse_guest(const ticket::Grant& grant) {
  return reject({Rejection::guest_refused, {}, {}, grant.session, grant.user});
}

wire::CloseReason Admission::reject(const Refusal& refusal) {
  log(refusal);
  const bool has_tried_too_often = refused_ >= kRefusedCredentialsMax && !is_temporary(refusal.why);
  return close_reason(has_tried_too_often ? Rejection::nothing_usable : refusal.why);
}

wire::CloseReason Admission::close_reason(Rejection why) const {
  const RejectionRow& told = row(why);
  return endpoint_ == edge::Endpoint::sdk ? told.close_for_sdk : told.close;
}

// Returns the error that answers `connect`, or nullopt if the connection closes instead. SDKs fetch
// a new credential after error 109, and try again after a temporary one.
std::optional<wire::ProtocolError> Admission::error_of(Rejection why) const {
  if (endpoint_ != edge::Endpoint::sdk) return std::nullopt;
  switch (why) {
    case Rejection::ticket_invalid:
    case Rejection::ticket_replayed:
    case Rejection::ticket_expired:
      return wire::ProtocolError::token_expired;
    case Rejection::too_many_requests:
      return wire::ProtocolError::too_many_requests;
    case Rejection::key_unknown:
      return wire::ProtocolError::internal;
    default:
      return std::nullopt;
  }
}

void Admission::log(const Refusal& refusal) const {
  std::vector<LogField> fields;
  const std::string host = auth::origin_host(held_.origin());
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
  dependencies_.reject_log.write(LogLevel::warn, row(refusal.why).log_message, fields);
  dependencies_.observer.on_rejected(refusal.why);
}

}  // namespace usher::session
