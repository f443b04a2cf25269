// What a node asks of others over HTTP, built from its configuration: the backend's hooks, and the
// key set of its tokens' issuer.
//
// Threads: hooks_of(), start(), stop() and the destructor from the thread that made it; reload()
// from one at a time; not_ready_reasons() from any.
// Owns: the thread that it all runs on; none where nothing is configured.
#pragma once

#include <memory>
#include <string>

#include "apps/config.h"
#include "apps/issuer_keys.h"
#include "apps/keys.h"
#include "gateway/hook_metrics.h"
#include "net/hook_sender.h"
#include "net/key_source.h"
#include "net/outbound.h"
#include "net/shard_hooks.h"

namespace usher::gateway {
class MetricsPage;
}

namespace usher::apps {

struct OutgoingServices {
  const Clock& clock;
  const WallClock& wall_clock;
  Entropy& entropy;
  Log& log;
  Log& limited_log;  // rate-limited
  Snapshot<auth::JwtVerifier>& verifier;
};

class Outgoing {
 public:
  // `node`: of this process. The configuration has been checked.
  Outgoing(const Config& config, const Keys& keys, OutgoingServices services,
           const std::string& node);

  // For the routes of `shard`, likewise. Null: no jwt.jwks_url.
  std::unique_ptr<net::ShardKeys> keys_of(net::Shard& shard);

  // For the sessions of `shard`, which must outlive it. Null: no hook is configured.
  std::unique_ptr<net::ShardHooks> hooks_of(net::Shard& shard);

  void add_to(gateway::MetricsPage& page) const;

  // Then the verifier is set by reload(), which knows the published keys.
  bool has_key_source() const { return key_source_ != nullptr; }

  // In words for /readyz; empty: ready.
  std::vector<std::string> not_ready_reasons() const;

  void start();
  void reload(const Keys& keys);

  // Requires: the shards have stopped. Hook calls that are still under way or waiting get
  // `patience` to finish, and 3 s at most.
  void stop(Duration patience);

 private:
  gateway::HookMetrics hook_metrics_;
  std::unique_ptr<net::Outbound> outbound_;
  std::unique_ptr<net::HookSender> hooks_;
  std::unique_ptr<IssuerKeys> issuer_keys_;
  std::unique_ptr<net::KeySource> key_source_;
  bool only_published_keys_ = false;  // the issuer's tokens wait for its key set
  bool running_ = false;
};

}  // namespace usher::apps
