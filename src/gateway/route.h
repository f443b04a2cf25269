// The routes, as metrics and log lines name them.
#pragma once

#include <cstdint>
#include <string_view>

namespace usher::gateway {

// Unknown paths count as `other`, so that a scanner makes no series.
enum class Route : std::uint8_t {
  token,
  ticket,
  backchannel_logout,
  security_events,
  websocket,
  upstream,
  api,
  health,
  ready,
  metrics,
  config,
  reload,
  verify,
  dev,
  other,
  count_
};
std::string_view to_string(Route route);

}  // namespace usher::gateway
