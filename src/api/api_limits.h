// The limits within which a call of the server API is read.
//
// Threads: none. Plain values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace usher::hub {
class ChannelRules;
}

namespace usher::api {

struct ApiLimits {
  std::size_t message_bytes_max = 65536;  // of `data`
  std::size_t broadcast_channels_max = 10'000;
  std::size_t channels_per_connection = 128;  // of a ticket's `subs`
  std::size_t channels_per_token = 128;       // of a ticket's `channels`: limits.channels_per_token
  std::size_t info_bytes_max = 1024;          // of `info`: limits.info_bytes
  std::vector<std::string> claims = {};       // names that a ticket's `claims` may have
  std::size_t claims_bytes_max = 4096;        // of them: ticket.claims_bytes
  const hub::ChannelRules* channel_rules = nullptr;  // null: every text is a name
};

// Of every name and key in a call.
inline constexpr std::size_t kApiTextBytesMax = 1024;

// How deep a call's body must be opened for read_api_call(): `{"since":{…}}`, `{"subs":{"a":{…}}}`.
inline constexpr int kApiCallLevels = 3;

}  // namespace usher::api
