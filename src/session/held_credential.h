// The credential that a connection holds: identity, end, Origin and address of the upgrade, and the
// tokens before it.
//
// A refresh replaces identity and end; Origin and address stay those of the upgrade. Parts that
// most connections do not have are behind one pointer, because an idle connection's memory is
// counted (docs/performance.md).
//
// Threads: its session's.
// Limits: SessionOptions::earlier_tokens_max.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/wall_clock.h"
#include "edge/session.h"
#include "hub/subscriber.h"
#include "session/dependencies.h"
#include "session/earlier_tokens.h"
#include "session/identity_text.h"
#include "ticket/ticket.h"

namespace usher::session {

class HeldCredential {
 public:
  HeldCredential() = default;
  explicit HeldCredential(const edge::Opening& opening);

  // Replaces identity and end by those of `grant`. The `jti` and `sid` of the earlier token stay known while
  // that token is good.
  void take(ticket::Grant grant, const SessionOptions& options, WallTime wall_now, TimePoint now);

  // Views into this object, good until the next take().
  hub::Identity identity() const;
  std::string_view session() const { return identity_.session(); }
  std::string_view user() const { return identity_.user(); }

  // Returns whether `grant` may replace the present one: the session must stay the same, and so
  // must the user of a logged-in session.
  bool may_become(const ticket::Grant& grant) const;

  // The Origin of the upgrade; nullopt if none was sent. A refresh is held to it.
  std::optional<std::string_view> origin() const { return identity_.from().origin; }
  // The address that pays for checking JWTs.
  std::string_view address_key() const { return identity_.from().address_key; }

  // `at`: Unix seconds; nullopt: it does not end. An end that has passed counts as one second from
  // now: a token within its leeway is good for one more moment, in which its client can fetch
  // another. An end beyond the range of `ttl` counts as the latest in that range.
  void set_end(std::optional<std::int64_t> at, WallTime wall_now, TimePoint now);
  // Returns when it ends; nullopt: it does not. The grace for a refresh is not counted.
  std::optional<TimePoint> end() const {
    return end_ == TimePoint::max() ? std::nullopt : std::optional(end_);
  }
  // `ttl` on the wire: whole seconds until the end; 0: it does not end.
  std::uint32_t ttl_seconds(TimePoint now) const;

  // The ticket that was redeemed last. SDKs show it again when they come back, and the store knows
  // it until `known_until`.
  void remember_ticket(const ticket::TicketHash& hash, TimePoint known_until);
  // Frees the ticket's memory once the store does not know it any more.
  void forget_old_ticket(TimePoint now);
  // Returns the ticket if the store still knows it, and forgets it.
  std::optional<ticket::TicketHash> take_ticket(TimePoint now);

 private:
  struct SpentTicket {
    ticket::TicketHash hash;
    TimePoint known_until;
  };
  struct Rare {
    EarlierTokens tokens;
    std::optional<SpentTicket> spent;
    std::string info;
    std::string sid;
    std::int64_t sid_until = 0;  // the end of the token that has it; Unix seconds
    EarlierTokens sids;
    bool is_empty() const {
      return tokens.names().empty() && sids.names().empty() && !spent && info.empty() &&
             sid.empty();
    }
  };
  Rare& rare();

  IdentityText identity_;
  std::unique_ptr<std::vector<std::string>> channel_patterns_;  // null: none
  std::unique_ptr<Rare> rare_;                                  // null: nothing
  TimePoint end_ = TimePoint::max();
};

}  // namespace usher::session
