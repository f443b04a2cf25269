// The calls of the server API, by their names.
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace usher::api {

enum class ApiMethod : std::uint8_t {
  publish,
  broadcast,
  subscribe,
  unsubscribe,
  disconnect,
  refresh,
  presence,
  presence_stats,
  history,
  history_remove,
  channels,
  info,
  batch,
  bind,
  revoke,
  ticket,
  redeem,
  sessions,
  count_,
};
std::string_view to_string(ApiMethod method);

// The method of that name, as in the path and in a batch.
std::optional<ApiMethod> api_method(std::string_view name);

}  // namespace usher::api
