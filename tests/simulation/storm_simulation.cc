// storm_simulation [CLIENTS]: the load that the clients of a dead node cause on the remaining node,
// for each strategy.
//
// Prints one line for each. Exits 1 if one of them breaks a promise of docs/operations.md.
#include <charconv>
#include <cstdio>
#include <string_view>

#include "simulation/storm.h"

namespace usher::simulation {
namespace {

using namespace std::chrono_literals;

// The time in which the remaining node can issue a ticket to every client, at the earliest.
constexpr std::uint32_t kSecondsAtBest = 50;

struct Strategy {
  const char* name;
  Clients clients;
  Refuses refuses;
  bool spread;
};

constexpr Strategy kStrategies[] = {
    {"fixed 250 ms, Retry-After ignored", Clients::fixed_backoff, Refuses::with_backoff, false},
    {"backoff, 503 with Retry-After", Clients::real, Refuses::with_backoff, false},
    {"reconnect_spread", Clients::real, Refuses::with_backoff, true},
    {"places in the queue", Clients::real, Refuses::with_a_place, false},
    {"reconnect_spread and places", Clients::real, Refuses::with_a_place, true},
};

double seconds(client::Millis duration) { return static_cast<double>(duration.count()) / 1000; }

bool check(bool holds, const char* what) {
  if (!holds) std::printf("  NOT SO: %s\n", what);
  return holds;
}

bool keeps_its_word(const Strategy& strategy, const StormOptions& options,
                    const StormResult& result) {
  const std::uint32_t rate = options.tickets_per_second;
  bool good = check(result.all > 0s, "everybody is back");
  if (strategy.refuses == Refuses::with_a_place) {
    good &= check(result.issued_peak <= rate + rate / 4 + 32, "tickets are held to the rate");
    good &= check(result.requests <= 2 * std::uint64_t{options.clients}, "nobody asks three times");
    good &= check(result.all <= client::Millis(kSecondsAtBest * 1000) + 3s, "no second is wasted");
  }
  if (strategy.spread && strategy.refuses == Refuses::with_a_place) {
    good &= check(result.requests_peak <= 2 * rate, "the node never sees twice its rate");
  }
  return good;
}

int run(std::uint32_t clients) {
  std::printf("%u clients, a node that issues %u tickets a second\n\n", clients,
              clients / kSecondsAtBest);
  std::printf("%-36s %12s %12s %12s %8s %8s %8s\n", "", "requests/s", "tickets/s", "requests",
              "50 %", "99 %", "100 %");
  std::printf("%-36s %12s %12s %12s %8s %8s %8s\n", "", "at the peak", "at the peak", "per client",
              "s", "s", "s");
  bool good = true;
  for (const Strategy& strategy : kStrategies) {
    const StormOptions options{.clients = clients,
                               .tickets_per_second = clients / kSecondsAtBest,
                               .kind = strategy.clients,
                               .refuses = strategy.refuses,
                               .reconnect_spread = strategy.spread ? kSecondsAtBest * 1000ms : 0ms};
    const StormResult result = run_storm(options);
    std::printf("%-36s %12u %12u %12.1f %8.1f %8.1f %8.1f\n", strategy.name, result.requests_peak,
                result.issued_peak, static_cast<double>(result.requests) / clients,
                seconds(result.half), seconds(result.most), seconds(result.all));
    good &= keeps_its_word(strategy, options, result);
  }
  const StormOptions small{.clients = 500, .tickets_per_second = 50};
  good &= check(run_storm(small) == run_storm(small), "the same seed gives the same storm");
  return good ? 0 : 1;
}

}  // namespace
}  // namespace usher::simulation

int main(int argc, char** argv) {
  const std::string_view text = argc > 1 ? argv[1] : "10000";
  std::uint32_t clients = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), clients);
  if (error != std::errc() || end != text.data() + text.size() || clients < 500) {
    std::fprintf(stderr, "usage: storm_simulation [CLIENTS, at least 500]\n");
    return 2;
  }
  return usher::simulation::run(clients);
}
