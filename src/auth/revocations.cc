#include "auth/revocations.h"

#include <algorithm>
#include <atomic>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index_container.hpp>
#include <mutex>
#include <shared_mutex>

#include "base/check.h"

namespace usher::auth {
namespace {

namespace mi = boost::multi_index;

struct Entry {
  std::uint64_t fingerprint;
  WallTime until;
  WallTime revoked_at;
  // Of a user's tokens; Unix seconds. Grows under the shared lock, too.
  mutable std::int64_t refused_until;

  // `known`: the last `iat` that is to be refused, as far as is known now.
  bool refuses(std::int64_t iat, std::int64_t known) const {
    const std::atomic_ref<std::int64_t> latest(refused_until);
    std::int64_t last = latest.load(std::memory_order_relaxed);
    while (last < known && !latest.compare_exchange_weak(last, known, std::memory_order_relaxed)) {
    }
    return iat <= std::max(last, known);
  }
};

constexpr unsigned kAheadBits = 24;  // of milliseconds: more than four hours
constexpr std::uint64_t kAheadMask = (std::uint64_t{1} << kAheadBits) - 1;
constexpr std::int64_t kLongestSeconds = kAheadMask / 1000;

using Entries = mi::multi_index_container<
    Entry, mi::indexed_by<mi::hashed_unique<mi::member<Entry, std::uint64_t, &Entry::fingerprint>>,
                          mi::ordered_non_unique<mi::member<Entry, WallTime, &Entry::until>>>>;

}  // namespace

Bearer bearer_of(const Claims& claims) {
  return {claims.session, claims.user, claims.jti, claims.iat, claims.sid};
}

Bearer bearer_named(RevokedBy by, std::string_view name, std::int64_t iat) {
  Bearer bearer{.iat = iat};
  switch (by) {
    case RevokedBy::session:
      bearer.session = name;
      break;
    case RevokedBy::user:
      bearer.user = name;
      break;
    case RevokedBy::jti:
      bearer.jti = name;
      break;
    case RevokedBy::sid:
      bearer.sid = name;
      break;
  }
  return bearer;
}

struct Revocations::Table {
  mutable std::shared_mutex mutex;
  Entries entries;

  // Null when there is none that still holds.
  const Entry* find(std::uint64_t fingerprint, WallTime now) const {
    const auto found = entries.find(fingerprint);
    return found != entries.end() && now < found->until ? &*found : nullptr;
  }

  void forget(WallTime now) {
    auto& by_until = entries.get<1>();
    by_until.erase(by_until.begin(), by_until.upper_bound(now));
  }
};

Revocations::Revocations(Entropy& entropy, std::size_t entries_max, std::chrono::seconds leeway)
    : entries_max_(entries_max), leeway_(leeway), table_(std::make_unique<Table>()) {
  for (SipKey& key : keys_) key = SipKey::random(entropy);
}

Revocations::~Revocations() = default;

Result<void, RevokeError> Revocations::revoke(RevokedBy by, std::string_view name,
                                              std::chrono::seconds ttl, WallTime now) {
  USHER_CHECK(ttl > std::chrono::seconds::zero());
  return revoke(by, name, now, now + ttl, now);
}

Result<void, RevokeError> Revocations::revoke(RevokedBy by, std::string_view name,
                                              WallTime revoked_at, WallTime until, WallTime now) {
  USHER_CHECK(!name.empty() && until > now);
  const std::uint64_t key = fingerprint(by, name);
  const std::int64_t refused_until = issued_until(revoked_at, now);
  const std::unique_lock lock(table_->mutex);
  Entries& entries = table_->entries;
  table_->forget(now);
  if (const auto known = entries.find(key); known != entries.end()) {
    entries.modify(known, [&](Entry& entry) {
      entry.until = std::max(entry.until, until);
      entry.revoked_at = std::max(entry.revoked_at, revoked_at);
      entry.refused_until = std::max(entry.refused_until, refused_until);
    });
  } else {
    if (entries.size() >= entries_max_) return RevokeError::overloaded;
    entries.insert(Entry{key, until, revoked_at, refused_until});
  }
  size_.store(entries.size(), std::memory_order_release);
  return {};
}

void Revocations::note_issue(std::int64_t iat, WallTime now) const {
  const std::int64_t most = std::chrono::milliseconds(leeway_.load()).count();
  if (iat <= unix_seconds(now)) return;
  const std::int64_t this_far = std::min(iat - unix_seconds(now), kLongestSeconds) * 1000 -
                                now.time_since_epoch().count() % 1000;
  if (this_far <= 0 || most == 0) return;
  const auto ahead_ms = static_cast<std::uint64_t>(std::min(this_far, most));
  const auto until =
      static_cast<std::uint64_t>(unix_seconds(now) + std::chrono::seconds(kAheadFor).count());
  std::uint64_t seen = ahead_.load(std::memory_order_relaxed);
  while (ahead_ms >= static_cast<std::uint64_t>(ahead(seen, now).count()) &&
         !ahead_.compare_exchange_weak(seen, until << kAheadBits | ahead_ms,
                                       std::memory_order_relaxed)) {
  }
}

std::chrono::milliseconds Revocations::ahead(std::uint64_t seen, WallTime now) {
  const bool counts = unix_seconds(now) < static_cast<std::int64_t>(seen >> kAheadBits);
  return std::chrono::milliseconds(counts ? seen & kAheadMask : 0);
}

std::int64_t Revocations::issued_until(WallTime revoked_at, WallTime now) const {
  return unix_seconds(revoked_at + ahead(ahead_.load(std::memory_order_relaxed), now));
}

bool Revocations::is_revoked(const Bearer& bearer, WallTime now) const {
  if (bearer.iat) note_issue(*bearer.iat, now);
  return refuses(bearer, now);
}

bool Revocations::refuses(const Bearer& bearer, WallTime now) const {
  if (size_.load(std::memory_order_acquire) == 0) return false;
  const std::shared_lock lock(table_->mutex);
  const auto find = [&](RevokedBy by, std::string_view name) {
    return name.empty() ? nullptr : table_->find(fingerprint(by, name), now);
  };
  if (find(RevokedBy::session, bearer.session) != nullptr) return true;
  if (find(RevokedBy::jti, bearer.jti) != nullptr) return true;
  if (find(RevokedBy::sid, bearer.sid) != nullptr) return true;
  const Entry* const user = find(RevokedBy::user, bearer.user);
  if (user == nullptr) return false;
  return !bearer.iat || user->refuses(*bearer.iat, issued_until(user->revoked_at, now));
}

std::uint64_t Revocations::fingerprint(RevokedBy by, std::string_view name) const {
  return sip_hash(keys_[static_cast<std::size_t>(by)], name);
}

}  // namespace usher::auth
