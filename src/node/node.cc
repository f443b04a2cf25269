#include "node/node.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "api/revoker.h"
#include "node/shard_parts.h"
#include "node/shared_parts.h"

namespace usher::node {
namespace {

// What is left of a drain's window when all have left is for their `disconnected` hooks, or this.
constexpr Duration kHooksGoodbyeMin = std::chrono::seconds(1);
constexpr Duration kHooksGoodbyeMax = std::chrono::seconds(3);

}  // namespace

Node::Node(config::Config config, std::optional<DevSecrets> dev, Log& log,
           std::function<std::uint64_t()> log_lines_dropped, NodeReloads reloads)
    : shared_(std::make_unique<SharedParts>(
          std::move(config), std::move(dev), log, static_cast<gateway::NodeControl&>(*this),
          std::move(log_lines_dropped),
          [this](auth::RevokedBy by, const std::string& name, WallTime revoked_at, WallTime until) {
            revoked_elsewhere(by, name, revoked_at, until);
          })),
      taken_over_(reloads.taken_over),
      reloader_(loading(std::move(reloads.load))) {
  for (std::size_t i = 0; i < shared_->shards.size(); ++i) {
    shards_.push_back(std::make_unique<ShardParts>(*shared_, i));
  }
  listen();
}

void Node::listen() {
  using edge::ListenerRole;
  const config::Config& config = shared_->config;
  const bool has_api = shared_->keys.api_keys != nullptr;
  const bool api_apart = !config.api.listen.empty();
  const ListenerRole client_role =
      has_api && !api_apart ? ListenerRole::client_and_api : ListenerRole::client;
  std::vector<net::ListenAddress> clients;
  for (const std::string& text : config.server.listen) {
    clients.push_back(net::parse_listen_address(text));
  }
  // One of its own, or none, for each of the other roles.
  struct Other {
    const std::string& listen;
    ListenerRole role;
    std::size_t shards;
    std::string& opened;
    net::ListenAddress address{};
  };
  std::array others{
      Other{config.api.listen, ListenerRole::api, shards_.size(), addresses_.api},
      Other{config.admin.listen, ListenerRole::admin, 1, addresses_.admin},
      Other{config.verify.listen, ListenerRole::verify, shards_.size(), addresses_.verify}};
  std::vector<net::ListenAddress*> all;
  for (net::ListenAddress& address : clients) all.push_back(&address);
  for (Other& other : others) {
    if (other.listen.empty()) continue;
    other.address = net::parse_listen_address(other.listen);
    all.push_back(&other.address);
  }
  net::share_ports(all);

  for (net::ListenAddress& address : clients) {
    addresses_.clients.push_back(open(address, client_role, shards_.size()));
  }
  for (Other& other : others) {
    if (!other.listen.empty()) other.opened = open(other.address, other.role, other.shards);
  }
}

std::string Node::open(net::ListenAddress& address, edge::ListenerRole role, std::size_t shards) {
  const config::ServerConfig& server = shared_->config.server;
  std::vector<net::Fd> listeners =
      net::open_listeners(address, shards, {server.unix_mode.bits, server.unix_group});
  const bool is_secure = role != edge::ListenerRole::admin;
  for (std::size_t i = 0; i < shards; ++i) {
    shards_[i]->shard.listen(std::move(listeners[i]), role,
                             is_secure ? shared_->keys.tls : nullptr);
  }
  return address.text;
}

Node::~Node() {
  stop();
  // Sessions leave their hub when their shard goes, and hubs speak to each other: so all shards go
  // first.
  for (const auto& parts : shards_) parts->shard.close_all();
}

// Closes the connections that a revocation of another gateway names. One that is already known
// closes nothing. The connections of the first shard are closed at once, so that no later
// delivery reaches them.
void Node::revoked_elsewhere(auth::RevokedBy by, const std::string& name, WallTime revoked_at,
                             WallTime until) {
  SharedParts& s = *shared_;
  const auth::Bearer bearer = auth::bearer_named(by, name, unix_seconds(revoked_at));
  const WallTime now = s.wall_clock.now();
  const bool was_known = s.revocations.refuses(bearer, now);
  if (until <= now) return;
  if (!s.revocations.revoke(by, name, revoked_at, until, now)) {
    s.log.error("too many revocations are in force: one of another gateway is not heeded here");
  }
  if (was_known) return;
  const auto order = api::disconnect_revoked(by, name, s.revocations.issued_until(revoked_at, now));
  for (const auto& parts : shards_) {
    if (parts == shards_.front()) continue;
    parts->shard.post([hub = &parts->hub, order] { hub->on_order(order); });
  }
  shards_.front()->hub.on_order(order);
}

const Node::Addresses& Node::addresses() const { return addresses_; }

void Node::start() {
  shared_->outgoing.start();
  shared_->engine->start();
  for (const auto& parts : shards_) {
    parts->thread = std::thread([shard = &parts->shard] { shard->run(); });
  }
}

void Node::set_ticket_store_available(bool available) { shared_->dev_fault.set(!available); }

void Node::on_restart_asked(std::function<void()> restart) {
  if (shared_->switches) shared_->switches->on_restart(std::move(restart));
}

// On the reloader's thread, for which the node may not wait: so with copies, but for the entropy,
// which is not used before the keys are.
Reloader::Load Node::loading(LoadConfig load) {
  return [this, load = std::move(load), dev = shared_->dev, started_with = shared_->config,
          in_force = shared_->current, &entropy = shared_->entropy]() -> Reloader::Use {
    config::LoadedConfig loaded;
    if (load) {
      loaded = load();
    } else {
      loaded.config = started_with;
    }
    return [this, made = make_settings(std::move(loaded), *in_force->get(), dev, entropy)] {
      return use(made);
    };
  };
}

void Node::reload() {
  if (reloader_.ask() == Reloader::Asked::now) return;
  shared_->log.warn("reload: the files are being read still; they will be read once more");
}

bool Node::reload(UniqueFunction<void(const Answer&)> done) {
  const auto asked = reloader_.ask(
      [done = std::move(done)](const ReloadOutcome& outcome) mutable { done(to_answer(outcome)); });
  return asked != Reloader::Asked::too_many;
}

std::string Node::configuration() const {
  return to_json(config::values_of(*shared_->current->get()));
}

ReloadOutcome Node::use(const NewSettings& made) {
  ReloadOutcome outcome = made.outcome;
  if (made.settings) {
    try {
      shared_->outgoing.reload(made.settings->keys);
      take_over(made.settings);
    } catch (const std::exception& error) {
      outcome.faults.emplace_back(error.what());
    }
  }
  log_outcome(outcome, shared_->log);
  return outcome;
}

void Node::take_over(const std::shared_ptr<const Settings>& settings) {
  SharedParts& s = *shared_;
  const Keys& keys = settings->keys;
  warn_of_skipped_keys(keys.parts, s.log);
  s.use_tls(keys);
  s.take_over(*settings);
  for (const auto& parts : shards_) {
    parts->shard.post([&own = *parts, settings] { own.take_over(*settings); });
  }
  if (taken_over_) taken_over_(settings->config);
}

void Node::drain(Duration window, std::function<void()> done) {
  shared_->drain_until = shared_->clock.now() + window;
  shared_->node.draining = true;
  const auto left = std::make_shared<std::atomic<std::size_t>>(shards_.size());
  shards_.front()->shard.post([this] { shared_->engine->say_goodbye(); });
  for (const auto& parts : shards_) {
    parts->shard.post([this, shard = &parts->shard, window, left, done] {
      shard->drain(window, [this, left, done] {
        if (--*left == 0) finish(done);
      });
    });
  }
}

// All shards at once: while one of them still has somebody, all listeners answer.
void Node::finish(const std::function<void()>& done) {
  const auto left = std::make_shared<std::atomic<std::size_t>>(shards_.size());
  for (const auto& parts : shards_) {
    parts->shard.post([shard = &parts->shard, left, done] {
      shard->finish([left, done] {
        if (--*left == 0) done();
      });
    });
  }
}

void Node::stop() {
  reloader_.end();  // it could start what is stopped below
  for (const auto& parts : shards_) {
    parts->shard.stop();
    if (parts->thread.joinable()) parts->thread.join();
  }
  // Last: sessions that have just ended are still to be told of.
  shared_->outgoing.stop(hooks_patience());
}

Duration Node::hooks_patience() const {
  const Duration left = shared_->drain_until - shared_->clock.now();
  return std::clamp<Duration>(left, kHooksGoodbyeMin, kHooksGoodbyeMax);
}

}  // namespace usher::node
