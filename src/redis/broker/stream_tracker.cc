#include "redis/broker/stream_tracker.h"

#include <algorithm>
#include <utility>

namespace usher::redis {

void StreamTracker::begin(hub::Position position) {
  known_ = true;
  last_ = std::move(position);
  if (seen_.epoch == last_.epoch) last_.offset = std::max(last_.offset, seen_.offset);
  seen_ = {};
}

StreamTracker::Verdict StreamTracker::on_live(std::uint64_t offset, std::string_view epoch) {
  if (!known_) {
    seen_ = {offset, std::string(epoch)};
    return Verdict::drop;
  }
  if (epoch != last_.epoch) {
    last_ = {offset, std::string(epoch)};
    seen_ = {};
    return Verdict::lost;
  }
  if (offset <= last_.offset) return Verdict::drop;
  if (offset == last_.offset + 1) {
    last_.offset = offset;
    return Verdict::deliver;
  }
  seen_ = {std::max(seen_.offset, offset), last_.epoch};
  return Verdict::behind;
}

// Another epoch is not noted here: the page, or the next live message, tells it.
void StreamTracker::on_kept_back(std::uint64_t offset, std::string_view epoch) {
  if (!known_) {
    seen_ = {offset, std::string(epoch)};
  } else if (epoch == last_.epoch) {
    seen_ = {std::max(seen_.offset, offset), last_.epoch};
  }
}

StreamTracker::Caught StreamTracker::on_page(hub::HistoryPage page) {
  Caught caught;
  if (page.gap != wire::RecoveryGap::none || page.position.epoch != last_.epoch) {
    last_ = std::move(page.position);
    seen_ = {};
    caught.lost = true;
    return caught;
  }
  for (hub::PublicationPtr& publication : page.publications) {
    if (publication->offset <= last_.offset) continue;
    last_.offset = publication->offset;
    caught.publications.push_back(std::move(publication));
  }
  caught.again = page.more || seen_.offset > last_.offset;
  if (!caught.again) seen_ = {};
  return caught;
}

}  // namespace usher::redis
