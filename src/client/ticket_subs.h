// What a ticket request asks to restore: its `subs` (contract section 3.1).
//
// Threads: none of its own; belongs to its Subscriptions.
// Limits: kEntriesMax entries, personal channels not counted, and kBytesMax; less after a gateway
// has refused a request because of its `subs`.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_set>

#include "client/channel_table.h"

namespace usher::client {

class TicketSubs {
 public:
  static constexpr std::size_t kEntriesMax = 128;
  // A little less than a ticket request takes (16 KiB).
  static constexpr std::size_t kBytesMax = 16000;

  // Returns the `subs` of the next request: the channels that fit, in the order in which they
  // became known.
  json::object fill(ChannelTable& channels);

  // A request was refused, maybe because of its `subs`: the next one has none, and later ones at
  // most half as many entries, or bytes (`too_large`). Returns false if it had none.
  bool withhold(bool too_large);

  // Whether the present ticket was asked for with this channel.
  bool holds(const std::string& name) const { return names_.contains(name); }

 private:
  std::unordered_set<std::string> names_;
  std::size_t bytes_ = 0;
  std::size_t entries_ = 0;
  std::size_t bytes_max_ = kBytesMax;
  std::size_t entries_max_ = kEntriesMax;
};

}  // namespace usher::client
