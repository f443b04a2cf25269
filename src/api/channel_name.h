// Whether a text that a backend sent can be a channel's name, and whether there is such a channel.
//
// Threads: none. Plain functions.
#pragma once

#include <optional>
#include <string_view>

#include "api/api_error.h"
#include "hub/channel_rules.h"

namespace usher::api {

// Returns `nullopt` if it can be. Null `rules`: everything can.
std::optional<ApiError> check_channel_name(const hub::ChannelRules* rules,
                                           std::string_view channel);

// The same, and unknown_channel where no section of the configuration has its namespace.
std::optional<ApiError> check_channel(const hub::ChannelRules* rules, std::string_view channel);

}  // namespace usher::api
