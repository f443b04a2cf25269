// Which sessions, users and tokens are turned away before their time (contract section 1,
// "Revocation").
//
// A session or a `jti` is refused until the revocation's ttl is over; the caller adds the leeway
// with which tokens are accepted. A user's revocation refuses, for as long, every token whose `iat`
// is missing or not later than the revocation's second: the user can log in again.
//
// `iat` is told by the issuer's clock. An issuer behind ours keeps a new login out for as long as
// it is behind. One ahead of ours gives itself away by tokens that come from the future: by as much
// as the most of them were ahead, `leeway` at most, tokens of after the revocation are refused,
// too, because they may have been issued before it. What was refused once stays refused.
//
// Forgets nothing early: when it is full, revoke() says so, and the caller tells the backend that
// nothing was revoked.
//
// Threads: any; is_revoked() and refuses() run in parallel with themselves.
// Limits: entries_max, about 80 bytes each.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/entropy.h"
#include "base/result.h"
#include "base/sip_hash.h"
#include "base/wall_clock.h"

namespace usher::auth {

enum class RevokedBy : std::uint8_t { session, user, jti };

enum class RevokeError : std::uint8_t { overloaded };

// Whom a token, a ticket or a connection speaks for. Empty fields are not looked up.
struct Bearer {
  std::string_view session;
  std::string_view user;
  std::string_view jti;
  std::optional<std::int64_t> iat;  // Unix seconds
};

class Revocations {
 public:
  // For so long an issuer is taken to be as far ahead as it was seen to be.
  static constexpr std::chrono::hours kAheadFor{1};

  // Borrows `entropy` during the call only.
  explicit Revocations(Entropy& entropy, std::size_t entries_max = 1'000'000,
                       std::chrono::seconds leeway = std::chrono::seconds(0));
  ~Revocations();

  // Requires a name and ttl > 0. Revoking again never shortens what was said before.
  Result<void, RevokeError> revoke(RevokedBy by, std::string_view name, std::chrono::seconds ttl,
                                   WallTime now);

  // Likewise, of another gateway: since when, until when. Requires until > now.
  Result<void, RevokeError> revoke(RevokedBy by, std::string_view name, WallTime revoked_at,
                                   WallTime until, WallTime now);

  // Takes note of an `iat` that is ahead of `now`: of a token, which an issuer has signed.
  bool is_revoked(const Bearer& bearer, WallTime now) const;
  // Takes note of nothing.
  bool refuses(const Bearer& bearer, WallTime now) const;

  // The last `iat` that a revocation of a user refuses, as far as is known now. Unix seconds.
  std::int64_t issued_until(WallTime revoked_at, WallTime now) const;

  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Table;

  void note_issue(std::int64_t iat, WallTime now) const;
  static std::chrono::milliseconds ahead(std::uint64_t seen, WallTime now);
  std::uint64_t fingerprint(RevokedBy by, std::string_view name) const;

  const std::size_t entries_max_;
  const std::chrono::seconds leeway_;
  SipKey keys_[3];
  std::unique_ptr<Table> table_;
  // How far ahead tokens were, in milliseconds, and until when that counts, in Unix seconds.
  mutable std::atomic<std::uint64_t> ahead_ = 0;
  std::atomic<std::size_t> size_ = 0;  // lets readers pass without a lock while nothing is revoked
};

}  // namespace usher::auth
