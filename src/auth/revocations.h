// Which sessions, users and tokens are turned away before their time (contract section 1,
// "Revocation").
//
// A session or a `jti` is refused until the revocation's ttl is over. A user's revocation refuses,
// for as long, every token whose `iat` is missing or not later than the revocation's second: the
// user can log in again.
//
// Forgets nothing early: when it is full, revoke() says so, and the caller tells the backend that
// nothing was revoked.
//
// Threads: any; is_revoked() runs in parallel with itself.
// Limits: entries_max, about 80 bytes each.
#pragma once

#include <atomic>
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
  // Borrows `entropy` during the call only.
  explicit Revocations(Entropy& entropy, std::size_t entries_max = 1'000'000);
  ~Revocations();

  // Requires a name and ttl > 0. Revoking again never shortens what was said before.
  Result<void, RevokeError> revoke(RevokedBy by, std::string_view name, std::chrono::seconds ttl,
                                   WallTime now);

  bool is_revoked(const Bearer& bearer, WallTime now) const;

  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Table;

  std::uint64_t fingerprint(RevokedBy by, std::string_view name) const;

  const std::size_t entries_max_;
  SipKey keys_[3];
  std::unique_ptr<Table> table_;
  std::atomic<std::size_t> size_ = 0;  // lets readers pass without a lock while nothing is revoked
};

}  // namespace usher::auth
