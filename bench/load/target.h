// The server that a run measures, and how its clients connect.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/loop.h"
#include "bench/load/process_usage.h"
#include "bench/load/stream.h"

namespace usher::bench {

// Returns the token of the `index`th client. Each token is a session of its own.
using TokenSource = std::function<std::string(std::size_t index)>;

enum class Door : std::uint8_t {
  ticket,  // an usher gateway: POST /auth/ticket, then /ws?ticket=…
  tunnel,  // the same gateway: POST /auth/ticket, then an upstream's path with ?ticket=…
  bare,    // any WebSocket server: the upgrade alone, at the URL as it stands
};

struct Target {
  Address address;
  std::string authority;  // the Host field's value
  std::string path;       // of the URL: the part before /auth and /ws, or all of it when bare
  std::string upstream;   // of a tunnel: the path behind that part
  Door door = Door::ticket;
  std::string fields;            // in every request: "Origin: https://app.example\r\n", or none
  TokenSource token;             // null: guests, from /auth/token
  std::string subscriptions;     // body of ticket requests: `{"subs":…}`, or empty
  std::vector<int> process_ids;  // of the server; empty: it is not watched
  Duration patience = std::chrono::seconds(10);  // a run without progress for longer fails

  // Returns whether clients need a ticket.
  bool has_tickets() const { return door != Door::bare; }

  // Returns the request's target of an upgrade with this ticket.
  std::string upgrade_with(std::string_view ticket) const {
    return path + (door == Door::tunnel ? upstream : "/ws") + "?ticket=" + std::string(ticket);
  }

  std::optional<ProcessUsage> usage() const {
    return process_ids.empty() ? std::nullopt : usage_of(process_ids);
  }
};

// Turns the loop until the server is idle, for at most two seconds, then returns its usage. So the
// server's remaining work for requests that are over counts too.
std::optional<ProcessUsage> usage_at_rest(Loop& loop, const Target& target);

}  // namespace usher::bench
