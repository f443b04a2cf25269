// The ReconnectPolicy that the attempts of a TicketDesk share: a failure closes a gate for its
// delay, and no attempt begins before the gate is open.
//
// Attempts that fail, and connections that end, while the gate is closed began before it: they
// belong to the same trouble. They neither count, nor draw, nor forgive.
#pragma once

#include <utility>

#include "client/protocol.h"
#include "client/reconnect_policy.h"

namespace usher::client {

class DeskPolicy final : public ReconnectPolicy {
 public:
  using ReconnectPolicy::ReconnectPolicy;

  // The time of all later calls.
  void set_now(Instant now) { now_ = now; }

  Instant gate() const { return gate_; }
  bool is_open() const { return now_ >= gate_; }
  void close_until(Instant moment);

  // The user has logged in again: the row of failures is over.
  void forgive() { ReconnectPolicy::restart(); }

  // Closes the gate for the delay that it returns.
  Millis failed(GivenDelay given, double spread_ms) override;

  // Returns false: no attempt begins by itself. If the failure is free, failed(), which follows at
  // once, returns zero and leaves the gate.
  bool failed_free() override;

  void stable() override;

  // Does nothing: to drop one attempt forgives nothing.
  void restart() override {}

 private:
  Instant now_{};
  Instant gate_{};
  bool free_ = false;
};

}  // namespace usher::client
