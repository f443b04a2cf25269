#include "hub/pending_shares.h"

#include "base/check.h"

namespace usher::hub {

void PendingShares::add(std::string_view session, std::uint64_t serial) {
  auto found = sessions_.find(session);
  if (found == sessions_.end()) {
    found = sessions_.try_emplace(std::string(session)).first;
  } else {
    by_count_.erase({found->second.size(), found->first});
  }
  found->second.insert(serial);
  by_count_.emplace(found->second.size(), found->first);
  ++size_;
}

void PendingShares::remove(std::string_view session, std::uint64_t serial) {
  const auto found = sessions_.find(session);
  USHER_CHECK(found != sessions_.end() && found->second.contains(serial));
  by_count_.erase({found->second.size(), found->first});
  found->second.erase(serial);
  --size_;
  if (found->second.empty()) {
    sessions_.erase(found);
  } else {
    by_count_.emplace(found->second.size(), found->first);
  }
}

std::size_t PendingShares::of(std::string_view session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? 0 : found->second.size();
}

std::optional<std::uint64_t> PendingShares::newest_of_most(std::size_t count) const {
  if (by_count_.empty() || by_count_.rbegin()->first <= count) return std::nullopt;
  const auto most = sessions_.find(by_count_.rbegin()->second);
  return *most->second.rbegin();
}

}  // namespace usher::hub
