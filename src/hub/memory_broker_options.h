// The limits of the memory engine.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/clock.h"

namespace usher::hub {

struct MemoryBrokerOptions {
  std::size_t connections_per_session_max = 20;  // over all shards; 0: no limit
  std::size_t connections_per_user_max = 50;     // over all shards; 0: no limit

  // The limits below are for each home shard.

  // Channels that have history, presence or an owner; more get limit_exceeded.
  std::size_t channels_max = 200'000;
  // Of each namespace without `history_bytes`. Above it, the publisher that fills it most is
  // trimmed.
  std::size_t history_bytes_max = 256u << 20;
  std::size_t presence_per_channel_max = 10'000;
  std::size_t presence_max = 1'000'000;
  std::size_t idempotency_keys_max = 262'144;  // above it, a new key gets limit_exceeded
  Duration idempotency_ttl = std::chrono::minutes(5);
  Duration position_ttl = std::chrono::hours(1);  // of a channel with nothing left but its position

  std::size_t channels_listed_max = 10'000;  // in the answer to a ChannelsQuery
};

}  // namespace usher::hub
