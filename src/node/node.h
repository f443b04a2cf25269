// The whole gateway in one object: everything built from a Config, wired, and run on its shards'
// threads.
//
// `usher serve` holds one; `usher demo` and tests make several in one process.
//
// Threads: start(), drain(), stop() and the destructor from the thread that made it; reload() and
// configuration() from any.
// Owns: everything but the Log.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/revocations.h"
#include "base/log.h"
#include "base/wall_clock.h"
#include "config/config.h"
#include "edge/exchange.h"
#include "gateway/node_control.h"
#include "net/listen_address.h"
#include "node/keys.h"
#include "node/reloader.h"
#include "node/settings.h"

namespace usher::node {

struct SharedParts;
struct ShardParts;

// How a reload goes. Both may be empty.
struct NodeReloads {
  LoadConfig load{};  // empty: the configuration stays, and only files of keys are read again
  // Called with the configuration that is in force from now on. On the thread of the reload.
  std::function<void(const config::Config&)> taken_over{};
};

class Node final : private gateway::NodeControl {
 public:
  struct Addresses {
    std::vector<std::string> clients;
    std::string api;     // empty: on the clients' listener, or off
    std::string admin;   // empty: off
    std::string verify;  // empty: off
  };

  // Reads keys and opens the listeners. Throws KeyFileError, net::ListenError, net::TlsError and
  // auth::OriginPolicyError: one sentence each. `log_lines_dropped` may be empty.
  Node(config::Config config, std::optional<DevSecrets> dev, Log& log,
       std::function<std::uint64_t()> log_lines_dropped, NodeReloads reloads = {});
  ~Node() override;

  const Addresses& addresses() const;

  void start();

  // Reads the configuration and the files that it names again, and takes over what has changed but
  // for keys that need a restart. Returns at once: the files are read on another thread. A fault is
  // logged and changes nothing. Drops no connection.
  void reload();
  bool is_reloading() const { return reloader_.is_busy(); }

  // For `usher demo` and --dev. If false, the ticket store fails as if it could not be reached. May
  // be called from any thread.
  void set_ticket_store_available(bool available);

  // Sets the function that restarts the gateway when the page of --dev asks for it; it is called
  // from some shard's thread. Without it the page's request is answered with 404. Requires: start()
  // has not been called.
  void on_restart_asked(std::function<void()> restart);

  // Takes no new connections, and says goodbye to every connection within `window`. Calls `done`
  // from some thread when all of them have ended.
  void drain(Duration window, std::function<void()> done);

  // Ends the node at once, and waits for its threads.
  void stop();

  // Returns how long stop() would wait for hook calls without an answer.
  Duration hooks_patience() const;

 private:
  void listen();

  // Opens `address` on the first `shards` shards. Returns it with the port that the kernel chose.
  std::string open(net::ListenAddress& address, edge::ListenerRole role, std::size_t shards);

  void revoked_elsewhere(auth::RevokedBy by, const std::string& name, WallTime revoked_at,
                         WallTime until);

  void finish(const std::function<void()>& done);

  std::string configuration() const override;
  bool reload(UniqueFunction<void(const Answer&)> done) override;

  Reloader::Load loading(LoadConfig load);
  ReloadOutcome use(const NewSettings& made);
  void take_over(const std::shared_ptr<const Settings>& settings);

  std::unique_ptr<SharedParts> shared_;
  std::vector<std::unique_ptr<ShardParts>> shards_;
  Addresses addresses_;
  const std::function<void(const config::Config&)> taken_over_;
  Reloader reloader_;  // last: it uses all of the above
};

}  // namespace usher::node
