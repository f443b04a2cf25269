// The limits of a hub, and its counts.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace usher::hub {

struct HubOptions {
  std::size_t channels_per_connection = 128;     // personal ones not counted
  std::size_t recovery_publications_max = 1000;  // of one subscription
  std::size_t recovery_bytes_max = 512 * 1024;  // of one join() or subscribe(): must fit the outbox
  std::size_t held_back_max = 1000;           // deliveries of one subscription that is not live yet
  std::size_t pending_max = 10'000;           // subscriptions of this shard that wait for an owner
  std::size_t pending_per_session_max = 128;  // of which one session's on this shard
  Duration pending_timeout = std::chrono::seconds(90);
  std::size_t history_page_max = 1000;  // publications in the answer to a client
  std::size_t channels_listed_max = 10'000;
};

// Plain counts since the start.
struct HubStats {
  std::uint64_t deliveries = 0;  // frames handed to subscribers
  std::uint64_t recovered = 0;   // subscriptions
  std::uint64_t not_recovered = 0;
};

}  // namespace usher::hub
