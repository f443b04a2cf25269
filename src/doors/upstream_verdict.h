// Judges an upstream's answer to the upgrade request: is the tunnel open, and if not, whose fault is
// it? The client learns of the latter by its close code, which decides whether it comes back.
//
// Pure. Threads: none.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/wall_clock.h"
#include "doors/upstream_request.h"
#include "wire/http_answer.h"

namespace usher::doors {

// How the opening of a tunnel ended, as metrics and log lines name it.
enum class UpstreamResult : std::uint8_t {
  opened,
  unreachable,  // no connection, or none within upstreams.connect_timeout: soft
  unavailable,  // 5xx, 408, 425, 429: soft
  refused,      // another 4xx: hard
  wrong,  // 2xx, 3xx, or a 101 that breaks RFC 6455 section 4.1: soft, a mistake of the operator
  count_,
};
std::string_view to_string(UpstreamResult result);

struct UpstreamVerdict {
  UpstreamResult result = UpstreamResult::opened;
  std::string what;  // for a person; empty if opened
  std::optional<std::chrono::milliseconds> retry_after;
  std::string protocol;    // the upstream's choice; empty: none
  std::string extensions;  // what it has agreed to
};

UpstreamVerdict judge(const wire::HttpAnswer& answer, const Offer& offer, WallTime now);

}  // namespace usher::doors
