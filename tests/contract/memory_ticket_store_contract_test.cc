#include <algorithm>
#include <latch>
#include <thread>

#include "contract/ticket_store_contract.h"
#include "support/manual_clock.h"
#include "ticket/memory_ticket_store.h"

namespace usher::test {
namespace {

class MemoryHarness final : public TicketStoreHarness {
 public:
  MemoryHarness() { restart(); }

  ticket::TicketStore& store() override { return *store_; }
  void advance(Duration by) override { clock_.advance(by); }
  Duration resolution() const override { return std::chrono::nanoseconds(1); }
  void settle() override {}
  void restart() override {
    store_ =
        std::make_unique<ticket::MemoryTicketStore>(clock_, ticket::MemoryTicketStoreOptions());
  }

  void bound(std::size_t tickets_max, std::size_t bytes_max) override {
    store_ = std::make_unique<ticket::MemoryTicketStore>(
        clock_,
        ticket::MemoryTicketStoreOptions{
            .live_max = tickets_max, .live_bytes_max = bytes_max, .shares = kContractShares});
  }

  std::vector<ticket::RedeemOutcome> redeem_concurrently(const ticket::TicketHash& hash,
                                                         std::size_t count) override {
    constexpr std::size_t kThreads = 8;
    std::vector<ticket::RedeemOutcome> outcomes(count, ticket::RedeemOutcome::unavailable);
    std::latch start(kThreads);
    const auto redeem_some = [&](std::size_t thread) {
      start.arrive_and_wait();
      for (std::size_t i = thread; i < count; i += kThreads) {
        store_->redeem(hash, [&, i](ticket::Redeemed r) { outcomes[i] = r.outcome; });
      }
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < kThreads; ++i) threads.emplace_back(redeem_some, i);
    }
    return outcomes;
  }

 private:
  ManualClock clock_;
  std::unique_ptr<ticket::MemoryTicketStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Memory, TicketStoreContract,
                         testing::Values([] { return std::make_unique<MemoryHarness>(); }),
                         [](const auto&) { return std::string("MemoryTicketStore"); });

}  // namespace
}  // namespace usher::test
