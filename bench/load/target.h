// The server that a run is about, and how its clients come in.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/load/loop.h"
#include "bench/load/process_usage.h"
#include "bench/load/stream.h"

namespace usher::bench {

// The token of the `index`th client; each is a session of its own.
using TokenSource = std::function<std::string(std::size_t index)>;

enum class Door : std::uint8_t {
  ticket,  // a gateway of ours: POST /auth/ticket, then /ws?ticket=…
  bare,    // any WebSocket server: the upgrade alone, at the URL as it stands
};

struct Target {
  Address address;
  std::string authority;  // what Host says
  std::string path;       // of the URL: what stands before /auth and /ws, or all of it when bare
  Door door = Door::ticket;
  std::string fields;            // in every request: "Origin: https://app.example\r\n", or none
  TokenSource token;             // null: guests, from /auth/token
  std::string subscriptions;     // what tickets are asked for with: `{"subs":…}`, or nothing
  std::vector<int> process_ids;  // of the server, to be watched; none: it is not
  Duration patience = std::chrono::seconds(10);  // without any progress, the run has failed

  std::optional<ProcessUsage> usage() const {
    return process_ids.empty() ? std::nullopt : usage_of(process_ids);
  }
};

// Turns the loop until the server has come to rest, so that what it still does for the work that is
// over counts too; at most two seconds. Then its usage.
std::optional<ProcessUsage> usage_at_rest(Loop& loop, const Target& target);

}  // namespace usher::bench
