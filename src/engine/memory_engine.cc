#include "engine/engine.h"
#include "hub/memory_broker.h"
#include "metrics/metrics_page.h"
#include "ticket/memory_ticket_store.h"

namespace usher::engine {
namespace {

hub::MemoryBrokerOptions broker_options(const config::Config& config, std::size_t shards) {
  return {.connections_per_session_max = config.limits.connections_per_session,
          .connections_per_user_max = config.limits.connections_per_user,
          .channels_max = config.limits.channels,
          .history_bytes_max = config.limits.history_bytes / shards,
          .presence_per_channel_max = config.limits.presence_per_channel};
}

class MemoryEngine final : public Engine {
 public:
  explicit MemoryEngine(const EngineParts& parts)
      : tickets_(parts.clock, {.live_max = parts.config.ticket.outstanding_max,
                               .live_bytes_max = parts.config.ticket.outstanding_bytes,
                               .shares = {.free_parts = parts.config.ticket.outstanding_share},
                               .payer_key = SipKey::random(parts.entropy),
                               .tombstones_max = 3 * parts.config.ticket.outstanding_max,
                               .forgetful_for = parts.config.ticket.ttl + ticket::kTombstoneFor}),
        brokers_(broker_options(parts.config, parts.shards.size()), parts.rules, parts.clock,
                 parts.entropy, parts.post, parts.shards.size()) {}

  void take_over(const config::Config& config) override {
    tickets_.set_limits(config.ticket.outstanding_max, config.ticket.outstanding_bytes,
                        config.ticket.outstanding_share);
  }
  void take_over(std::size_t shard, const config::Config& config) override {
    brokers_.set_options(shard, broker_options(config, brokers_.shards()));
  }

  hub::Broker& broker(std::size_t shard) override { return brokers_.broker(shard); }
  ticket::TicketStore& tickets(std::size_t) override { return tickets_; }
  void tick() override { tickets_.sweep(); }

  void add_metrics(metrics::MetricsPage& page) const override {
    page.add("usher_tickets_live", "Tickets issued and neither redeemed nor expired.",
             metrics::MetricsPage::Kind::gauge,
             [this] { return static_cast<double>(tickets_.usage().live); });
  }

 private:
  ticket::MemoryTicketStore tickets_;
  hub::MemoryBrokers brokers_;
};

}  // namespace

std::unique_ptr<Engine> make_memory_engine(EngineParts parts) {
  return std::make_unique<MemoryEngine>(parts);
}

}  // namespace usher::engine
