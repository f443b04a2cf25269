#include "auth/seen_messages.h"

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index_container.hpp>
#include <mutex>

#include "base/check.h"

namespace usher::auth {
namespace {

namespace mi = boost::multi_index;

struct Entry {
  std::uint64_t fingerprint;
  std::int64_t until;
  bool is_done;
};

using Entries = mi::multi_index_container<
    Entry, mi::indexed_by<mi::hashed_unique<mi::member<Entry, std::uint64_t, &Entry::fingerprint>>,
                          mi::ordered_non_unique<mi::member<Entry, std::int64_t, &Entry::until>>>>;

}  // namespace

struct SeenMessages::Table {
  mutable std::mutex mutex;
  Entries entries;
};

SeenMessages::SeenMessages(Entropy& entropy, std::size_t entries_max)
    : entries_max_(entries_max), key_(SipKey::random(entropy)), table_(std::make_unique<Table>()) {
  USHER_CHECK(entries_max_ > 0);
}

SeenMessages::~SeenMessages() = default;

SeenMessages::Seen SeenMessages::add(std::string_view id, std::int64_t until, std::int64_t now) {
  const std::uint64_t fingerprint = sip_hash(key_, id);
  const std::lock_guard lock(table_->mutex);
  Entries& entries = table_->entries;
  auto& by_until = entries.get<1>();
  by_until.erase(by_until.begin(), by_until.upper_bound(now));
  if (const auto found = entries.find(fingerprint); found != entries.end()) {
    return found->is_done ? Seen::done : Seen::under_way;
  }
  if (entries.size() >= entries_max_) by_until.erase(by_until.begin());
  entries.insert(Entry{fingerprint, until, false});
  return Seen::first;
}

void SeenMessages::done(std::string_view id) {
  const std::uint64_t fingerprint = sip_hash(key_, id);
  const std::lock_guard lock(table_->mutex);
  Entries& entries = table_->entries;
  const auto found = entries.find(fingerprint);
  if (found != entries.end()) entries.modify(found, [](Entry& entry) { entry.is_done = true; });
}

void SeenMessages::forget(std::string_view id) {
  const std::uint64_t fingerprint = sip_hash(key_, id);
  const std::lock_guard lock(table_->mutex);
  table_->entries.erase(fingerprint);
}

std::size_t SeenMessages::size() const {
  const std::lock_guard lock(table_->mutex);
  return table_->entries.size();
}

}  // namespace usher::auth
