// The objects that the routes use, and their settings. The node builds one for each shard.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/log.h"
#include "base/log_identity.h"
#include "base/snapshot.h"
#include "base/unique_function.h"
#include "base/wall_clock.h"
#include "metrics/metrics.h"
#include "metrics/node_state.h"

namespace usher::api {
class ApiKeys;
struct ApiMetrics;
class Revoker;
}  // namespace usher::api
namespace usher::auth {
class GuestTokens;
class JwtVerifier;
class OriginPolicy;
class Revocations;
class SeenMessages;
}  // namespace usher::auth
namespace usher::dev {
struct DevPage;
}
namespace usher::doors {
struct TicketCheckDependencies;
class UpstreamTable;
}  // namespace usher::doors
namespace usher::gateway {
class NodeControl;
}
namespace usher::hub {
class Broker;
class ChannelRules;
}  // namespace usher::hub
namespace usher::issuer {
class NewerKeys;
}
namespace usher::limits {
class ForgedTickets;
class NodeRate;
class RateLimiter;
class TicketQueue;
}  // namespace usher::limits
namespace usher::metrics {
class MetricsPage;
}
namespace usher::ticket {
class RedeemObserver;
class TicketHook;
class TicketStore;
}  // namespace usher::ticket

namespace usher::http {

struct RouterOptions {
  std::string prefix;  // http.prefix: "" or "/something" without a slash at its end
  std::chrono::seconds ticket_ttl{30};                            // ticket.ttl
  std::vector<std::string> ticket_claims = {};                    // all that a ticket may carry
  std::vector<std::string> told_claims = {};                      // ticket.claims
  std::size_t claims_bytes_max = 4096;                            // ticket.claims_bytes
  std::size_t channels_per_connection = 128;                      // limits.channels_per_connection
  std::size_t channels_per_token = 128;                           // limits.channels_per_token
  std::size_t info_bytes = 1024;                                  // limits.info_bytes
  std::size_t message_bytes_max = 65536;                          // limits.message_bytes
  std::chrono::seconds revocation_ttl = std::chrono::hours(744);  // the longest life of a token
  std::chrono::seconds leeway{0};                                 // jwt.leeway
  std::string version = "0.1.0";
  std::string node_uid;                           // of this process; as in the connect push
  std::vector<std::string> admin_hosts = {};      // admin.allowed_hosts, in lowercase
  std::vector<std::string> allowed_headers = {};  // client.allowed_headers
};

// Threads: the struct belongs to one shard; the objects behind it are shared unless a comment says
// otherwise.
struct RouteDependencies {
  const Clock& clock;
  const WallClock& wall_clock;
  Entropy& entropy;
  Log& log;
  Log& reject_log;  // rate-limited, for tickets that were refused
  metrics::NodeState& node;
  metrics::ShardMetrics& metrics;  // this shard's own
  api::ApiMetrics& api_metrics;    // likewise

  const Snapshot<auth::JwtVerifier>& jwt;
  issuer::NewerKeys* newer_keys = nullptr;  // null: all keys are from files
  const Snapshot<auth::OriginPolicy>& origins;
  const Snapshot<auth::GuestTokens>* guest_tokens = nullptr;  // null: guests off
  const Snapshot<api::ApiKeys>* api_keys = nullptr;           // null: server API off
  auth::Revocations& revocations;
  // Returns whether `revocations` has those of all other gateways. Any thread. Null: there is no
  // other gateway.
  std::function<bool()> are_revocations_known = {};
  auth::SeenMessages& seen_messages;        // of identity providers
  ticket::TicketStore& tickets;             // this shard's, or one that may be shared
  ticket::RedeemObserver& redeem_observer;  // this shard's
  hub::Broker& broker;                      // this shard's
  api::Revoker* revoker = nullptr;          // this shard's; null: there is no other gateway

  // Null: the server API does not check the names in `subscribe` before the hub does.
  const hub::ChannelRules* channel_rules = nullptr;
  const doors::UpstreamTable* upstreams = nullptr;  // null: none
  ticket::TicketHook* ticket_hook = nullptr;        // this shard's; null: there is no hook

  // Limits. Null: none.
  limits::RateLimiter* tokens_per_address = nullptr;   // limits.tokens_per_address: /auth/token
  limits::RateLimiter* tickets_per_address = nullptr;  // /auth/ticket: limits.upgrades_per_address
  limits::RateLimiter* tickets_per_session = nullptr;  // limits.tickets_per_session
  limits::RateLimiter* api_failures = nullptr;         // wrong API keys, by address
  limits::RateLimiter* logout_failures_per_address = nullptr;  // limits.logout_failures_per_address
  limits::RateLimiter* preflights_per_address = nullptr;       // likewise, counted apart
  limits::RateLimiter* refusals_per_address = nullptr;         // limits.refusals_per_address
  limits::TicketQueue* ticket_queue = nullptr;                 // limits.tickets_per_second
  // The next three are for the verify door, and shared with upgrades.
  limits::RateLimiter* upgrades_per_address = nullptr;  // limits.upgrades_per_address
  limits::NodeRate* upgrades_per_second = nullptr;      // limits.upgrades_per_second
  limits::ForgedTickets* forged_tickets = nullptr;      // addresses that guess tickets

  // Runs a task later, in a turn of its own of this shard's loop: for work too large for one turn.
  std::function<void(UniqueFunction<void()>)> in_a_turn;

  Identities identities = Identities::hash;            // log.identities
  const metrics::MetricsPage* metrics_page = nullptr;  // admin listener only
  gateway::NodeControl* control = nullptr;             // likewise
  const dev::DevPage* dev_page = nullptr;              // null: not --dev

  // Why the node is not ready, in words for /readyz; empty: ready. `draining` is added by the
  // route.
  std::function<std::vector<std::string>()> not_ready_reasons = {};
};

// Returns those of them with which a door checks a ticket (doors/ticket_check.h).
doors::TicketCheckDependencies ticket_check_dependencies(RouteDependencies& dependencies);

}  // namespace usher::http
