#include "hub/history_shares.h"

#include "base/check.h"

namespace usher::hub {

HistoryShares::Place HistoryShares::add(std::string_view name, HomeChannel& channel,
                                        std::size_t bytes) {
  Publisher* publisher = &backend_;
  if (!name.empty()) {
    auto found = publishers_.find(name);
    if (found == publishers_.end()) {
      found = publishers_.try_emplace(std::string(name)).first;
      found->second.name = found->first;
    }
    publisher = &found->second;
  }
  const std::size_t before = publisher->bytes;
  publisher->bytes += bytes;
  bytes_ += bytes;
  count(*publisher, before);

  auto& parts = publisher->parts;
  const auto [found, is_new] = publisher->by_channel.try_emplace(&channel);
  if (is_new) {
    found->second = parts.insert(parts.end(), {&channel, publisher, 0});
  } else {
    parts.splice(parts.end(), parts, found->second);
  }
  ++found->second->publications;
  return found->second;
}

void HistoryShares::remove(Place place, std::size_t bytes) {
  Publisher& publisher = *place->publisher;
  const std::size_t before = publisher.bytes;
  publisher.bytes -= bytes;
  bytes_ -= bytes;
  if (--place->publications == 0) {
    publisher.by_channel.erase(place->channel);
    publisher.parts.erase(place);
  }
  count(publisher, before);
}

// Moves a client to its new place in the order, or forgets it.
void HistoryShares::count(Publisher& publisher, std::size_t before) {
  if (&publisher == &backend_) return;
  by_bytes_.erase({before, &publisher});
  if (publisher.bytes > 0) {
    by_bytes_.emplace(publisher.bytes, &publisher);
  } else {
    publishers_.erase(publishers_.find(publisher.name));
  }
}

HomeChannel& HistoryShares::next_to_trim() const {
  const bool is_backend = by_bytes_.empty() || backend_.bytes > bytes_max_ / 2;
  const Publisher& publisher = is_backend ? backend_ : *by_bytes_.rbegin()->second;
  USHER_CHECK(!publisher.parts.empty());
  return *publisher.parts.front().channel;
}

const HistoryShares::Publisher* HistoryShares::find(std::string_view client) const {
  const auto found = publishers_.find(client);
  return found == publishers_.end() ? nullptr : &found->second;
}

const HistoryShares::Publisher* HistoryShares::most() const {
  return by_bytes_.empty() ? nullptr : by_bytes_.rbegin()->second;
}

}  // namespace usher::hub
