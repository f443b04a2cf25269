#include "auth/revocations.h"

#include <algorithm>
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
  std::int64_t revoked_at;  // Unix seconds
};

using Entries = mi::multi_index_container<
    Entry, mi::indexed_by<mi::hashed_unique<mi::member<Entry, std::uint64_t, &Entry::fingerprint>>,
                          mi::ordered_non_unique<mi::member<Entry, WallTime, &Entry::until>>>>;

}  // namespace

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

Revocations::Revocations(Entropy& entropy, std::size_t entries_max)
    : entries_max_(entries_max), table_(std::make_unique<Table>()) {
  for (SipKey& key : keys_) key = SipKey::random(entropy);
}

Revocations::~Revocations() = default;

Result<void, RevokeError> Revocations::revoke(RevokedBy by, std::string_view name,
                                              std::chrono::seconds ttl, WallTime now) {
  USHER_CHECK(!name.empty() && ttl > std::chrono::seconds::zero());
  const std::uint64_t key = fingerprint(by, name);
  const std::unique_lock lock(table_->mutex);
  Entries& entries = table_->entries;
  table_->forget(now);
  if (const auto known = entries.find(key); known != entries.end()) {
    entries.modify(known, [&](Entry& entry) {
      entry.until = std::max(entry.until, WallTime(now + ttl));
      entry.revoked_at = std::max(entry.revoked_at, unix_seconds(now));
    });
  } else {
    if (entries.size() >= entries_max_) return RevokeError::overloaded;
    entries.insert(Entry{key, now + ttl, unix_seconds(now)});
  }
  size_.store(entries.size(), std::memory_order_release);
  return {};
}

bool Revocations::is_revoked(const Bearer& bearer, WallTime now) const {
  if (size_.load(std::memory_order_acquire) == 0) return false;
  const std::shared_lock lock(table_->mutex);
  const auto find = [&](RevokedBy by, std::string_view name) {
    return name.empty() ? nullptr : table_->find(fingerprint(by, name), now);
  };
  if (find(RevokedBy::session, bearer.session) != nullptr) return true;
  if (find(RevokedBy::jti, bearer.jti) != nullptr) return true;
  const Entry* const user = find(RevokedBy::user, bearer.user);
  return user != nullptr && (!bearer.iat || *bearer.iat <= user->revoked_at);
}

std::uint64_t Revocations::fingerprint(RevokedBy by, std::string_view name) const {
  return sip_hash(keys_[static_cast<std::size_t>(by)], name);
}

}  // namespace usher::auth
