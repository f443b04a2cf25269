#include "hub/stream.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace usher::hub {

std::size_t kept_bytes(const Publication& publication) {
  std::size_t bytes = sizeof(Publication) + 128;
  bytes += publication.data.capacity() + publication.tags.capacity();
  if (const ClientInfo* info = publication.info.get()) {
    bytes += sizeof(ClientInfo) + info->client.capacity() + info->user.capacity() +
             info->conn_info.capacity() + info->chan_info.capacity();
  }
  return bytes;
}

void Stream::append(PublicationPtr publication, TimePoint expires_at, HistoryShares::Place place) {
  USHER_CHECK(publication->offset == next_offset());
  USHER_CHECK(empty() || expires_at >= items_.back().expires_at);
  ++top_;
  bytes_ += kept_bytes(*publication);
  items_.push_back({std::move(publication), expires_at, place});
}

bool Stream::take_version(std::uint64_t version, std::string_view epoch) {
  if (version_ && version <= version_->number && (epoch.empty() || epoch == version_->epoch)) {
    return false;
  }
  version_ = std::make_unique<Version>(Version{version, std::string(epoch)});
  return true;
}

void Stream::drop_oldest() {
  USHER_CHECK(!empty());
  Item& oldest = items_[begin_++];
  bytes_ -= kept_bytes(*oldest.publication);
  oldest.publication.reset();
  if (empty()) {
    clear();
  } else if (begin_ >= 16 && begin_ * 2 >= items_.size()) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
}

void Stream::drop_expired(TimePoint now) {
  while (!empty() && oldest_expires_at() <= now) drop_oldest();
}

void Stream::clear() {
  items_ = {};
  begin_ = 0;
  bytes_ = 0;
}

HistoryPage Stream::page(const HistoryQuery& query) const {
  HistoryPage page{.publications = {}, .position = position()};
  const std::uint64_t first_kept = top_ + 1 - size();
  std::size_t from = begin_;  // forwards: [from, to)
  std::size_t to = items_.size();
  if (query.since) {
    const std::uint64_t since = query.since->offset;
    const bool other_epoch = !query.since->epoch.empty() && query.since->epoch != epoch_;
    if (other_epoch || since > top_) {
      page.gap = wire::RecoveryGap::epoch_changed;
      return page;
    }
    if (query.reverse) {
      to = since <= first_kept ? from : from + (since - first_kept);
    } else if (since + 1 >= first_kept) {
      from += since + 1 - first_kept;
    } else {
      page.gap = wire::RecoveryGap::trimmed;
    }
  }
  page.more = to - from > query.limit;
  const std::size_t count = std::min(to - from, query.limit);
  page.publications.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    page.publications.push_back(items_[query.reverse ? to - 1 - i : from + i].publication);
  }
  return page;
}

}  // namespace usher::hub
