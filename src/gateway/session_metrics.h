// Counts the events of sessions, and remembers the addresses that show forged tickets.
//
// Threads: one per shard. Borrows: the shard's metrics; the node's forged tickets.
#pragma once

#include "metrics/metrics.h"
#include "session/dependencies.h"

namespace usher::limits {
class ForgedTickets;
}

namespace usher::gateway {

class SessionMetrics final : public session::SessionObserver {
 public:
  // `forged` may be null.
  explicit SessionMetrics(metrics::ShardMetrics& metrics, limits::ForgedTickets* forged = nullptr)
      : metrics_(metrics), forged_(forged) {}

  void on_redeemed(ticket::RedeemOutcome outcome) override;
  void on_reused() override;
  void on_replay() override { metrics_.ticket_replays.add(); }
  void on_forged(std::string_view peer_address, TimePoint now) override;
  void on_connected() override;
  void on_rejected(session::Rejection why) override;
  void on_abandoned() override { metrics_.upgrades[metrics::UpgradeResult::abandoned].add(); }
  void on_closed(std::uint16_t code, bool was_connected) override;
  void on_message() override { metrics_.messages_received.add(); }
  void on_command_refused() override { metrics_.commands_refused.add(); }
  void on_published() override { metrics_.publications[metrics::PublishedBy::client].add(); }

 private:
  metrics::ShardMetrics& metrics_;
  limits::ForgedTickets* const forged_;
};

}  // namespace usher::gateway
