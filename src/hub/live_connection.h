// A live connection, as the backend is told of it (SessionsQuery).
//
// Threads: none. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/wall_clock.h"

namespace usher::hub {

struct LiveConnection {
  std::string client;  // ClientId::text()
  std::string session;
  std::string user;         // empty: not logged in
  WallTime since{};         // when it connected
  std::string transport;    // "websocket", or "tunnel:" and the name of the upstream
  std::string address_key;  // limits::address_key(); never told as it is
  std::string node;         // empty: this one, and there is no other
  friend bool operator==(const LiveConnection&, const LiveConnection&) = default;
};

// Sorts them, the oldest first, and keeps `count_max` of them. Returns whether that left some out.
bool sort_and_cut(std::vector<LiveConnection>& connections, std::size_t count_max);

}  // namespace usher::hub
