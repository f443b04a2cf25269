// A node with many clients dies, and all of them go to another: in one thread and virtual time,
// with the real client::ClientSession, the real limits, and a network between them that is only a
// delay.
#pragma once

#include <cstdint>

#include "client/protocol.h"
#include "simulation/gateway_model.h"

namespace usher::simulation {

enum class Clients : std::uint8_t { fixed_backoff, real };

struct StormOptions {
  std::uint32_t clients = 10'000;
  std::uint32_t tickets_per_second = 200;
  Clients kind = Clients::real;
  Refuses refuses = Refuses::with_a_place;
  client::Millis reconnect_spread{0};
  std::uint64_t seed = 1;
};

struct StormResult {
  std::uint64_t requests = 0;       // for tickets
  std::uint32_t requests_peak = 0;  // in one second
  std::uint32_t issued_peak = 0;
  // From the node's death until that share of the clients was back.
  client::Millis half{};
  client::Millis most{};  // 99 %
  client::Millis all{};   // zero: not all came back

  friend bool operator==(const StormResult&, const StormResult&) = default;
};

StormResult run_storm(const StormOptions& options);

}  // namespace usher::simulation
