// A ticket's life: made, put into the memory store, redeemed.
#include <benchmark/benchmark.h>

#include <array>
#include <bit>
#include <random>

#include "support/manual_clock.h"
#include "support/seeded_entropy.h"
#include "ticket/memory_ticket_store.h"
#include "ticket/mint.h"

namespace usher::ticket {
namespace {

using namespace std::chrono_literals;

void mint_and_hash(benchmark::State& state) {
  test::SeededEntropy entropy;
  for ([[maybe_unused]] auto _ : state) {
    const Ticket minted = mint(entropy);
    benchmark::DoNotOptimize(hash(minted.text));
  }
  state.SetLabel("ticket made and hashed (randomness from a seed)");
}
BENCHMARK(mint_and_hash);

void put_and_redeem(benchmark::State& state) {
  test::ManualClock clock;
  MemoryTicketStore store(clock, {});
  const Grant grant{.session = "sess_9f8a7b6c5d4e3f2a",
                    .user = "user-4711",
                    .jti = {},
                    .iat = 1'800'000'000,
                    .token_exp = 1'800'003'600,
                    .channels = {"orders:42"},
                    .subs = {},
                    .origin = "https://app.example"};
  std::mt19937_64 random(1);
  for ([[maybe_unused]] auto _ : state) {
    const TicketHash hash{std::bit_cast<Sha256>(
        std::array<std::uint64_t, 4>{random(), random(), random(), random()})};
    store.put(hash, grant, 30s, [](auto) {});
    RedeemOutcome outcome = RedeemOutcome::unknown;
    store.redeem(hash, [&](Redeemed redeemed) { outcome = redeemed.outcome; });
    if (outcome != RedeemOutcome::ok) return state.SkipWithError("a live ticket was refused");
    clock.advance(1ms);  // 1,000 a second: 90,000 tombstones
  }
  state.SetLabel("ticket put into the memory store and redeemed");
}
BENCHMARK(put_and_redeem);

}  // namespace
}  // namespace usher::ticket
