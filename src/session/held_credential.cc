#include "session/held_credential.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "limits/address_key.h"

namespace usher::session {
namespace {

// Longer than any connection lasts, and within what every clock and client can count.
constexpr std::int64_t kLifeSecondsMax = std::numeric_limits<std::int32_t>::max();

}  // namespace

HeldCredential::HeldCredential(const edge::Opening& opening) {
  const limits::PackedAddressKey address(opening.peer_address);
  identity_ = IdentityText(CameFrom{opening.origin, address.view()});
}

HeldCredential::Rare& HeldCredential::rare() {
  if (rare_ == nullptr) rare_ = std::make_unique<Rare>();
  return *rare_;
}

void HeldCredential::take(ticket::Grant grant, const SessionOptions& options, WallTime wall_now,
                          TimePoint now) {
  if (!identity_.jti().empty() && identity_.jti() != grant.jti) {
    rare().tokens.add(identity_.jti(), identity_.exp() + options.leeway.count(),
                      unix_seconds(wall_now), options.earlier_tokens_max);
  }
  identity_ = IdentityText(grant.session, grant.user, grant.jti, {grant.iat, grant.token_exp},
                           identity_.from());
  channel_patterns_ = grant.channels.empty()
                          ? nullptr
                          : std::make_unique<std::vector<std::string>>(std::move(grant.channels));
  if (rare_ != nullptr || !grant.info.empty() || !grant.sid.empty()) {
    Rare& rare_parts = rare();
    rare_parts.info = std::move(grant.info);
    if (rare_parts.sid != grant.sid) {
      rare_parts.sids.add(rare_parts.sid, rare_parts.sid_until + options.leeway.count(),
                          unix_seconds(wall_now), options.earlier_tokens_max);
    }
    rare_parts.sid = std::move(grant.sid);
    rare_parts.sid_until = grant.token_exp;
    if (rare_->is_empty()) rare_.reset();
  }
  set_end(grant.token_exp, wall_now, now);
}

hub::Identity HeldCredential::identity() const {
  hub::Identity identity;
  identity.session = identity_.session();
  identity.user = identity_.user();
  identity.jti = identity_.jti();
  identity.iat = identity_.iat();
  if (rare_) {
    identity.earlier_jtis = rare_->tokens.names();
    identity.earlier_sids = rare_->sids.names();
    identity.conn_info = rare_->info;
    identity.sid = rare_->sid;
  }
  if (channel_patterns_) identity.channel_patterns = *channel_patterns_;
  return identity;
}

bool HeldCredential::may_become(const ticket::Grant& grant) const {
  return grant.session == session() && (user().empty() || grant.user == user());
}

void HeldCredential::set_end(std::optional<std::int64_t> at, WallTime wall_now, TimePoint now) {
  if (!at) {
    end_ = TimePoint::max();
    return;
  }
  const std::int64_t wall_seconds = unix_seconds(wall_now);
  const std::int64_t left = *at > wall_seconds ? *at - wall_seconds : 1;
  end_ = now + std::chrono::seconds(std::clamp<std::int64_t>(left, 1, kLifeSecondsMax));
}

std::uint32_t HeldCredential::ttl_seconds(TimePoint now) const {
  if (!end()) return 0;
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(end_ - now).count());
}

void HeldCredential::remember_ticket(const ticket::TicketHash& hash, TimePoint known_until) {
  rare().spent = SpentTicket{hash, known_until};
}

void HeldCredential::forget_old_ticket(TimePoint now) {
  if (rare_ == nullptr || !rare_->spent || now < rare_->spent->known_until) return;
  rare_->spent.reset();
  if (rare_->is_empty()) rare_.reset();
}

std::optional<ticket::TicketHash> HeldCredential::take_ticket(TimePoint now) {
  if (rare_ == nullptr || !rare_->spent || now >= rare_->spent->known_until) return std::nullopt;
  const ticket::TicketHash hash = rare_->spent->hash;
  rare_->spent.reset();
  return hash;
}

}  // namespace usher::session
