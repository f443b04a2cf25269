#include "client/ticket_subs.h"

#include <utility>

#include <boost/json/serialize.hpp>

#include "wire/protocol_command.h"
#include "wire/utf8.h"

namespace usher::client {

json::object TicketSubs::fill(ChannelTable& channels) {
  json::object subs;
  bytes_ = entries_ = 0;
  names_.clear();
  for (const Channel* channel : channels.in_order()) {
    const std::string& name = channel->name;
    const bool sendable = !name.empty() && wire::is_valid_utf8(name);
    if ((!channel->epoch && !channel->wished) || !sendable) continue;
    json::object wish = channel->since();
    const std::size_t bytes = bytes_ + json::serialize(json::array{name, wish}).size();
    const std::size_t entries = entries_ + (wire::is_personal(name) ? 0 : 1);
    if (bytes >= bytes_max_ || entries > entries_max_) continue;
    bytes_ = bytes;
    entries_ = entries;
    subs.emplace(name, std::move(wish));
    names_.insert(name);
  }
  return subs;
}

bool TicketSubs::withhold(bool too_large) {
  if (names_.empty()) return false;
  names_.clear();
  if (too_large || entries_ == 0) {
    bytes_max_ = bytes_ / 2;
  } else {
    entries_max_ = entries_ / 2;
  }
  return true;
}

}  // namespace usher::client
