// The sessions, users and tokens that are refused before their tokens expire (contract section 1,
// "Revocation").
//
// A session, a `jti` or a session at the OpenID provider (`sid`) is refused until the revocation's ttl is over; the caller adds the leeway
// with which tokens are accepted. For the same time, a user's revocation refuses every token whose
// `iat` is missing or not later than the revocation's second. The user can log in again.
//
// `iat` is a time of the issuer's clock. If that clock is behind ours, a new login is refused for
// as long as the clock is behind. If it is ahead, tokens with an `iat` in the future show the lead.
// Then a user's revocation also refuses tokens whose `iat` is later than the revocation by up to
// the largest lead seen (at most `leeway`), because they may have been issued before it. A token
// that was refused once stays refused.
//
// No revocation is dropped early. If the table is full, revoke() fails, and the caller tells the
// backend that nothing was revoked.
//
// Threads: any; is_revoked() and refuses() can run in parallel.
// Limits: entries_max, about 80 bytes each.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "auth/claims.h"
#include "base/entropy.h"
#include "base/result.h"
#include "base/sip_hash.h"
#include "base/wall_clock.h"

namespace usher::auth {

// `sid`: the session at the OpenID provider, as in Claims::sid.
enum class RevokedBy : std::uint8_t { session, user, jti, sid };
inline constexpr std::size_t kRevokedByCount = static_cast<std::size_t>(RevokedBy::sid) + 1;

enum class RevokeError : std::uint8_t { overloaded };

// The session, user and token of a token, ticket or connection. Empty fields are not looked up.
struct Bearer {
  std::string_view session{};
  std::string_view user{};
  std::string_view jti{};
  std::optional<std::int64_t> iat{};  // Unix seconds
  std::string_view sid{};             // as Claims::sid
};

// Returns views into `claims`, which must outlive them.
Bearer bearer_of(const Claims& claims);

// Returns a bearer that a revocation of `name` names, issued at `iat`. A view of `name`.
Bearer bearer_named(RevokedBy by, std::string_view name, std::int64_t iat);

class Revocations {
 public:
  // How long the largest lead seen of an issuer's clock counts.
  static constexpr std::chrono::hours kAheadFor{1};

  // Borrows `entropy` only during the call.
  explicit Revocations(Entropy& entropy, std::size_t entries_max = 1'000'000,
                       std::chrono::seconds leeway = std::chrono::seconds(0));
  ~Revocations();

  // jwt.leeway has changed. May be called from any thread.
  void set_leeway(std::chrono::seconds leeway) { leeway_ = leeway; }

  // Requires: `name` is not empty, and ttl > 0. A second revocation never shortens the first.
  Result<void, RevokeError> revoke(RevokedBy by, std::string_view name, std::chrono::seconds ttl,
                                   WallTime now);

  // The same for a revocation that another gateway made at `revoked_at`. Requires: until > now.
  Result<void, RevokeError> revoke(RevokedBy by, std::string_view name, WallTime revoked_at,
                                   WallTime until, WallTime now);

  // Returns true if `bearer` is revoked. Remembers how far its `iat` is ahead of `now`.
  // Requires: `bearer` comes from a token that an issuer has signed.
  bool is_revoked(const Bearer& bearer, WallTime now) const;
  // As is_revoked(), but remembers nothing.
  bool refuses(const Bearer& bearer, WallTime now) const;

  // Returns the latest `iat` that a user's revocation refuses, with the lead known at `now`. Unix
  // seconds.
  std::int64_t issued_until(WallTime revoked_at, WallTime now) const;

  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Table;

  void note_issue(std::int64_t iat, WallTime now) const;
  static std::chrono::milliseconds ahead(std::uint64_t seen, WallTime now);
  std::uint64_t fingerprint(RevokedBy by, std::string_view name) const;

  const std::size_t entries_max_;
  std::atomic<std::chrono::seconds> leeway_;
  SipKey keys_[kRevokedByCount];
  std::unique_ptr<Table> table_;
  // The largest lead seen, in milliseconds, and until when it counts, in Unix seconds.
  mutable std::atomic<std::uint64_t> ahead_ = 0;
  std::atomic<std::size_t> size_ = 0;  // 0: readers need no lock
};

}  // namespace usher::auth
