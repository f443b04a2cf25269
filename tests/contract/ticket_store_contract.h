// What every TicketStore must do, whatever it is made of. A new engine writes a TicketStoreHarness
// and instantiates TicketStoreContract with it; it passes unchanged, or it is wrong.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "ticket/mint.h"
#include "ticket/ticket_shares.h"
#include "ticket/ticket_store.h"

namespace usher::test {

inline constexpr ticket::TicketShareRules kContractShares{
    .free_parts = 4, .tickets_min = 0, .bytes_min = 0};

// One engine, for the suite to drive.
class TicketStoreHarness {
 public:
  virtual ~TicketStoreHarness() = default;

  virtual ticket::TicketStore& store() = 0;

  // Lets time pass for the store, as far as it can tell.
  virtual void advance(Duration by) = 0;

  // The smallest step of time that the engine tells apart.
  virtual Duration resolution() const = 0;

  // Runs whatever must run until all handlers have been called.
  virtual void settle() = 0;

  // The engine loses its memory, as in a restart.
  virtual void restart() = 0;

  // From now on the store has room for so many tickets, so many bytes, and a payer for one part in
  // four of what is free, without a minimum. Requires that no ticket is live.
  virtual void bound(std::size_t tickets_max, std::size_t bytes_max) = 0;

  // Redeems one ticket `count` times, as concurrently as the engine may be used.
  virtual std::vector<ticket::RedeemOutcome> redeem_concurrently(const ticket::TicketHash& hash,
                                                                 std::size_t count) = 0;
};

using TicketStoreFactory = std::function<std::unique_ptr<TicketStoreHarness>()>;

class TicketStoreContract : public testing::TestWithParam<TicketStoreFactory> {
 protected:
  static constexpr Duration kTtl = std::chrono::seconds(30);

  // Most tests are about a store that has been up for long.
  void SetUp() override { advance(std::chrono::minutes(10)); }

  void advance(Duration by) { harness_->advance(by); }
  Duration resolution() const { return harness_->resolution(); }

  bool put(const ticket::TicketHash& hash, ticket::Grant grant = {}) {
    std::optional<bool> stored;
    harness_->store().put(hash, std::move(grant), kTtl, [&](auto result) {
      EXPECT_FALSE(stored) << "the handler was called twice";
      stored = result.has_value();
    });
    harness_->settle();
    return stored.value();  // throws, failing the test, if the handler was not called
  }

  ticket::Redeemed redeem(const ticket::TicketHash& hash) {
    std::optional<ticket::Redeemed> redeemed;
    harness_->store().redeem(hash, [&](ticket::Redeemed result) {
      EXPECT_FALSE(redeemed) << "the handler was called twice";
      redeemed = std::move(result);
    });
    harness_->settle();
    return redeemed.value();
  }

  std::unique_ptr<TicketStoreHarness> harness_ = GetParam()();
};

}  // namespace usher::test
