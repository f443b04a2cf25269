// A node's HTTP calls to others, built from its configuration: the backend's hooks, and the key sets
// of its tokens' issuers.
//
// Threads: hooks_of(), start(), stop() and the destructor from the thread that made it; reload()
// from one thread at a time; not_ready_reasons() from any thread.
// Owns: the thread that all calls run on; no thread before a call is configured.
#pragma once

#include <memory>
#include <string>

#include "config/config.h"
#include "hooks/hook_metrics.h"
#include "hooks/hook_sender.h"
#include "hooks/shard_hooks.h"
#include "hooks/shard_ticket_hook.h"
#include "hooks/ticket_flights.h"
#include "http_client/outbound.h"
#include "issuer/issuer_keys.h"
#include "issuer/key_sources.h"
#include "net/shard.h"
#include "node/keys.h"

namespace usher::metrics {
class MetricsPage;
}

namespace usher::node {

struct OutgoingDependencies {
  const Clock& clock;
  const WallClock& wall_clock;
  Entropy& entropy;
  Log& log;
  Log& limited_log;  // rate-limited
  Snapshot<auth::JwtVerifier>& verifier;
};

class Outgoing {
 public:
  // `node`: the name of this process. Requires: the configuration has been checked.
  Outgoing(const config::Config& config, const Keys& keys, OutgoingDependencies dependencies,
           const std::string& node);

  // For the routes of `shard`, which must outlive the result.
  std::unique_ptr<issuer::ShardKeys> keys_of(net::Shard& shard);

  // For the sessions of `shard`, which must outlive the result. Returns null if no hook is
  // configured.
  std::unique_ptr<hooks::ShardHooks> hooks_of(net::Shard& shard);

  // For the ticket route of `shard`, which must outlive the result. Returns null if no hook is
  // configured.
  std::unique_ptr<hooks::ShardTicketHook> ticket_hook_of(net::Shard& shard);

  void add_to(metrics::MetricsPage& page) const;

  // Returns the reasons in words, for /readyz; empty if ready.
  std::vector<std::string> not_ready_reasons() const;

  void start();
  // Sets the verifier, too: of `keys` and of the keys that issuers have published. Throws
  // std::invalid_argument, and has changed nothing, if `tls.ca_file` can't be used.
  void reload(const Keys& keys);

  // Requires: the shards have stopped. Hook calls that are still under way or waiting get
  // `patience` to finish, and 3 s at most.
  void stop(Duration patience);

 private:
  void use_key_sources(const issuer::VerifierParts& parts);

  hooks::HookMetrics hook_metrics_;
  http_client::Outbound outbound_;
  std::unique_ptr<hooks::TicketFlights> ticket_flights_;  // set with hooks_
  std::unique_ptr<hooks::HookSender> hooks_;
  issuer::IssuerKeys issuer_keys_;
  issuer::KeySources key_sources_;
  issuer::VerifierParts first_;  // until start()
  bool has_started_ = false;     // the thread
  bool running_ = false;
};

}  // namespace usher::node
