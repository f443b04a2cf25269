// The parts that all shards of a node share: keys, limits and counts, and the engine behind them.
//
// Wiring only: each member is built from the configuration and the members above it.
//
// Threads: made and destroyed by the thread that made the node, before its shards run and after
// they have stopped. Each member's type says which threads may use it meanwhile.
// Borrows: the Log.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/api_metrics.h"
#include "auth/origin_policy.h"
#include "auth/revocations.h"
#include "auth/seen_messages.h"
#include "base/log_limiter.h"
#include "base/snapshot.h"
#include "base/system.h"
#include "config/config.h"
#include "dev/dev_page.h"
#include "dev/node_switches.h"
#include "doors/upstream_table.h"
#include "engine/engine.h"
#include "gateway/node_control.h"
#include "gateway/route_metrics.h"
#include "gateway/upstream_metrics.h"
#include "http/dependencies.h"
#include "hub/channel_rules.h"
#include "hub/shard_post.h"
#include "limits/forged_tickets.h"
#include "limits/node_rate.h"
#include "limits/rate_limiter.h"
#include "limits/ticket_queue.h"
#include "metrics/metrics_page.h"
#include "net/shard.h"
#include "node/keys.h"
#include "node/outgoing.h"
#include "node/readiness.h"
#include "node/settings.h"
#include "session/dependencies.h"
#include "ticket/gated_ticket_store.h"

namespace boost::asio::ssl {
class context;
}

namespace usher::node {

// Work for another shard, by its number.
class ShardMailboxes final : public hub::ShardPost {
 public:
  explicit ShardMailboxes(std::vector<std::unique_ptr<net::Shard>>& shards) : shards_(shards) {}

  void post(std::size_t shard, UniqueFunction<void()> task) override {
    shards_[shard]->post(std::move(task));
  }

 private:
  std::vector<std::unique_ptr<net::Shard>>& shards_;
};

struct SharedParts {
  // `log_lines_dropped` may be empty. `on_revoked`: see EngineParts.
  SharedParts(config::Config config, std::optional<DevSecrets> dev, Log& log,
              gateway::NodeControl& control, std::function<std::uint64_t()> log_lines_dropped,
              engine::RevokedHandler on_revoked);

  // Takes over what all shards share. Called by one thread at a time, which is none of the shards'.
  void take_over(const Settings& settings);

  // Uses the session ticket keys of `keys`, and logs a warning for each problem of its certificate
  // (expired, chain in an odd order). May be called from any thread.
  void use_tls(const Keys& keys);

  const config::Config config;                              // at the start
  const std::shared_ptr<Snapshot<config::Config>> current;  // in force; a reload shares it
  const std::optional<DevSecrets> dev;
  SystemClock clock;
  SystemWallClock wall_clock;
  SystemEntropy entropy;
  Log& log;
  gateway::NodeControl& control;
  RateLimitedLog reject_log;
  RateLimitedLog event_log;  // lines about successes: as many of each kind as log.events allows
  Keys keys;
  net::TlsTicketKeys ticket_keys;  // kept at a reload, so that sessions resume
  Snapshot<auth::JwtVerifier> verifier;
  Snapshot<auth::GuestTokens> guest_tokens;
  Snapshot<api::ApiKeys> api_keys;
  Snapshot<auth::OriginPolicy> origins;
  auth::Revocations revocations;
  auth::SeenMessages seen_messages;
  ticket::DevFault dev_fault;
  std::unique_ptr<dev::NodeSwitches> switches;  // null: not --dev
  std::optional<dev::DevPage> dev_page;         // nullopt: not --dev
  std::unique_ptr<limits::RateLimiter> tokens_per_address;
  std::unique_ptr<limits::RateLimiter> tickets_per_address;
  std::unique_ptr<limits::RateLimiter> tickets_per_session;
  std::unique_ptr<limits::RateLimiter> upgrades_per_address;
  std::unique_ptr<limits::RateLimiter> api_failures;
  std::unique_ptr<limits::RateLimiter> logout_failures_per_address;
  std::unique_ptr<limits::RateLimiter> preflights_per_address;
  std::unique_ptr<limits::RateLimiter> refusals_per_address;
  std::unique_ptr<limits::TicketQueue> ticket_queue;
  std::unique_ptr<limits::NodeRate> upgrades_per_second;
  std::unique_ptr<limits::ForgedTickets> forged_tickets;
  hub::ChannelRules rules;
  const doors::UpstreamTable upstreams;
  std::shared_ptr<boost::asio::ssl::context> trust;  // for upstreams; null: none with TLS
  limits::HalfOpen half_open;
  net::Congestion congestion;
  net::BodyRoom body_room;
  net::TrustedProxies trusted_proxies;
  const std::string node_name;                   // of this process among all nodes
  std::atomic<Duration> ping_interval_told_min;  // see SessionOptions
  metrics::NodeState node;
  TimePoint drain_until = TimePoint::max();  // for the thread that made the node
  Outgoing outgoing;
  std::vector<metrics::ShardMetrics> metrics;  // of each shard, like the next two
  std::vector<gateway::RouteMetrics> route_metrics;
  std::vector<api::ApiMetrics> api_metrics;
  std::vector<gateway::UpstreamMetrics> upstream_metrics;
  metrics::MetricsPage metrics_page;
  ShardMailboxes mailboxes;
  std::vector<std::unique_ptr<net::Shard>> shards;
  std::unique_ptr<engine::Engine> engine;  // destroyed before the shards' loops
  Readiness readiness;

 private:
  void make_shards();
  void add_readiness();
  void add_metrics(std::function<std::uint64_t()> log_lines_dropped);
};

}  // namespace usher::node
