#include "apps/node.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "apps/demo_switches.h"
#include "apps/engine.h"
#include "apps/gateway_application.h"
#include "apps/outgoing.h"
#include "apps/page_files.h"
#include "apps/switched_ticket_store.h"
#include "auth/origin_policy.h"
#include "auth/rate_limiter.h"
#include "auth/revocations.h"
#include "base/log_limiter.h"
#include "base/system.h"
#include "gateway/forged_tickets.h"
#include "gateway/jwt_door.h"
#include "gateway/metrics_page.h"
#include "gateway/node_rate.h"
#include "gateway/revoker.h"
#include "gateway/services.h"
#include "gateway/session_metrics.h"
#include "gateway/ticket_queue.h"
#include "net/shard.h"
#include "net/shard_hooks.h"

#ifndef USHER_VERSION
#define USHER_VERSION "0.0.0"
#endif

namespace usher::apps {
namespace {

constexpr auth::RateLimit kApiFailures{20, std::chrono::minutes(1)};

std::unique_ptr<auth::RateLimiter> make_limiter(auth::RateLimit limit, Entropy& entropy) {
  if (limit.unlimited()) return nullptr;
  return std::make_unique<auth::RateLimiter>(limit, auth::RateLimiterOptions{}, entropy);
}

std::unique_ptr<gateway::NodeRate> make_node_rate(std::uint64_t per_second) {
  if (per_second == 0) return nullptr;
  return std::make_unique<gateway::NodeRate>(
      auth::RateLimit{static_cast<std::uint32_t>(per_second), std::chrono::seconds(1)});
}

std::unique_ptr<gateway::TicketQueue> make_ticket_queue(std::uint64_t per_second,
                                                        Entropy& entropy) {
  if (per_second == 0) return nullptr;
  return std::make_unique<gateway::TicketQueue>(
      gateway::TicketQueueOptions{.per_second = static_cast<std::uint32_t>(per_second)}, entropy);
}

std::chrono::milliseconds milliseconds_of(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
}

hub::ChannelRulesOptions channel_rules_options(const Config& config) {
  hub::ChannelRulesOptions options{.namespaces = config.channel.namespaces,
                                   .channel_bytes_max = config.limits.channel_bytes};
  if (config.dev) {
    // For trying things out every channel is open, with all that a channel can have. `user:` and
    // `session:` are not.
    options.unconfigured = hub::NamespaceOptions{.subscribe = hub::Audience::anyone,
                                                 .publish = hub::Audience::anyone,
                                                 .history_size = 100,
                                                 .history_ttl = std::chrono::minutes(5),
                                                 .recovery = true,
                                                 .presence = true,
                                                 .join_leave = true};
  }
  return options;
}

auth::OriginPolicyOptions origin_options(const Config& config) {
  return {.allowed = config.client.allowed_origins.value_or(std::vector<std::string>{}),
          .require = config.client.require_origin,
          .dev = config.dev};
}

session::SessionOptions session_options(const Config& config, std::string node) {
  session::SessionOptions options;
  options.ping_interval = config.client.ping_interval;
  options.store_timeout = config.ticket.store_timeout;
  options.reconnect_spread = milliseconds_of(config.client.reconnect_spread);
  options.commands = config.limits.commands;
  options.channels_max = config.limits.channels_per_connection;
  options.hook_calls_max = static_cast<std::uint8_t>(config.hooks.calls_per_connection);
  options.version = "usher " USHER_VERSION;
  options.node = std::move(node);
  return options;
}

net::ShardOptions shard_options(const Config& config) {
  net::ShardOptions options;
  options.outbox_bytes_max = config.limits.outbox_bytes;
  options.message_bytes_max = config.limits.message_bytes;
  return options;
}

hub::HubOptions hub_options(const Config& config) {
  hub::HubOptions options;
  options.channels_per_connection_max = config.limits.channels_per_connection;
  options.pending_max = config.limits.pending_subscriptions;
  options.recovery_bytes_max =
      std::min<std::size_t>(options.recovery_bytes_max, config.limits.outbox_bytes / 2);
  return options;
}

// For revocations without a ttl. An issuer's tokens tell their own; a month covers what is usual.
std::chrono::seconds longest_token_life(const Config& config) {
  constexpr Duration kIssuersLife = std::chrono::hours(744);
  const Duration guests = config.guest.token_ttl + config.guest.renewal_window + config.jwt.leeway;
  return std::chrono::ceil<std::chrono::seconds>(std::max(kIssuersLife, guests));
}

std::string random_node_name(Entropy& entropy) { return to_hex(entropy.bytes<4>()); }

std::vector<net::Shard*> pointers(const std::vector<std::unique_ptr<net::Shard>>& shards) {
  std::vector<net::Shard*> found;
  for (const auto& shard : shards) found.push_back(shard.get());
  return found;
}

std::size_t shard_count(const Config& config) {
  if (config.server.threads != 0) return config.server.threads;
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

// What all shards share.
struct Node::Shared {
  Shared(Config c, std::optional<DevSecrets> d, Log& l, std::size_t shard_total)
      : config(std::move(c)),
        dev(std::move(d)),
        log(l),
        reject_log(log, clock),
        keys(load_keys(config, dev, entropy)),
        verifier(keys.verifier),
        guest_tokens(keys.guest_tokens),
        api_keys(keys.api_keys),
        origins(std::make_shared<const auth::OriginPolicy>(origin_options(config))),
        revocations(entropy),
        tokens_per_address(make_limiter(config.limits.tokens_per_address, entropy)),
        tickets_per_address(make_limiter(config.limits.upgrades_per_address, entropy)),
        tickets_per_session(make_limiter(config.limits.tickets_per_session, entropy)),
        upgrades_per_address(make_limiter(config.limits.upgrades_per_address, entropy)),
        api_failures(make_limiter(kApiFailures, entropy)),
        ticket_queue(make_ticket_queue(config.limits.tickets_per_second, entropy)),
        upgrades_per_second(make_node_rate(config.limits.upgrades_per_second)),
        forged_tickets(upgrades_per_second
                           ? std::make_unique<gateway::ForgedTickets>(*upgrades_per_second, entropy)
                           : nullptr),
        rules(channel_rules_options(config)),
        half_open(config.limits.half_open_per_address),
        trusted_proxies(config.server.trusted_proxies),
        session(session_options(config, random_node_name(entropy))),
        outgoing(config, keys, {clock, wall_clock, entropy, log, reject_log, verifier},
                 session.node),
        metrics(shard_total) {
    if (!config.dev) return;
    switches = std::make_unique<DemoSwitches>(config, dev, ticket_switch, origins);
    dev_page.emplace(page_files(), *switches);
  }

  const Config config;
  const std::optional<DevSecrets> dev;
  SystemClock clock;
  SystemWallClock wall_clock;
  SystemEntropy entropy;
  Log& log;
  RateLimitedLog reject_log;
  Keys keys;
  Snapshot<auth::JwtVerifier> verifier;
  Snapshot<auth::GuestTokens> guest_tokens;
  Snapshot<gateway::ApiKeys> api_keys;
  Snapshot<auth::OriginPolicy> origins;
  auth::Revocations revocations;
  TicketSwitch ticket_switch;
  std::unique_ptr<DemoSwitches> switches;    // null: not --dev
  std::optional<gateway::DevPage> dev_page;  // likewise
  std::unique_ptr<auth::RateLimiter> tokens_per_address;
  std::unique_ptr<auth::RateLimiter> tickets_per_address;
  std::unique_ptr<auth::RateLimiter> tickets_per_session;
  std::unique_ptr<auth::RateLimiter> upgrades_per_address;
  std::unique_ptr<auth::RateLimiter> api_failures;
  std::unique_ptr<gateway::TicketQueue> ticket_queue;
  std::unique_ptr<gateway::NodeRate> upgrades_per_second;
  std::unique_ptr<gateway::ForgedTickets> forged_tickets;
  hub::ChannelRules rules;
  net::HalfOpen half_open;
  net::Congestion congestion;
  net::TrustedProxies trusted_proxies;
  session::SessionOptions session;
  gateway::NodeState node;
  Outgoing outgoing;
  std::vector<gateway::ShardMetrics> metrics;
  std::unique_ptr<gateway::MetricsPage> metrics_page;
  std::unique_ptr<Post> post;
  std::vector<std::unique_ptr<net::Shard>> shards;
  std::unique_ptr<Engine> engine;  // before its shards' loops
  Addresses addresses;
};

struct Node::Post final : hub::ShardPost {
  explicit Post(std::vector<std::unique_ptr<net::Shard>>& s) : shards(s) {}
  void post(std::size_t shard, UniqueFunction<void()> task) override {
    shards[shard]->post(std::move(task));
  }
  std::vector<std::unique_ptr<net::Shard>>& shards;
};

std::vector<std::string> Node::not_ready_reasons(const Shared& s) {
  auto reasons = s.engine->not_ready_reasons();
  for (std::string& reason : s.outgoing.not_ready_reasons()) reasons.push_back(std::move(reason));
  return reasons;
}

// What each shard has for itself.
struct Node::ShardParts {
  ShardParts(Shared& s, std::size_t index)
      : shard(*s.shards[index]),
        tickets(s.engine->tickets(index), s.ticket_switch),
        metrics(s.metrics[index]),
        session_metrics(metrics, s.forged_tickets.get()),
        commands(json, {.subs_max = s.config.limits.channels_per_connection}),
        hub(hub_options(s.config), s.rules, s.engine->broker(index), s.clock, s.entropy),
        newer_keys(s.outgoing.keys_of(shard)),
        door(s.verifier, s.tickets_per_session.get(), s.wall_clock, newer_keys.get()),
        gate({.connections_max = s.config.limits.connections},
             {s.node, metrics, s.upgrades_per_address.get(), s.upgrades_per_second.get(),
              s.forged_tickets.get()}),
        services{.clock = s.clock,
                 .wall_clock = s.wall_clock,
                 .entropy = s.entropy,
                 .log = s.log,
                 .node = s.node,
                 .metrics = metrics,
                 .jwt = s.verifier,
                 .newer_keys = newer_keys.get(),
                 .origins = s.origins,
                 .guest_tokens = s.keys.guest_tokens ? &s.guest_tokens : nullptr,
                 .api_keys = s.keys.api_keys ? &s.api_keys : nullptr,
                 .revocations = s.revocations,
                 .tickets = tickets,
                 .broker = s.engine->broker(index),
                 .revoker = s.engine->revoker(index),
                 .channel_rules = &s.rules,
                 .tokens_per_address = s.tokens_per_address.get(),
                 .tickets_per_address = s.tickets_per_address.get(),
                 .tickets_per_session = s.tickets_per_session.get(),
                 .api_failures = s.api_failures.get(),
                 .ticket_queue = s.ticket_queue.get(),
                 .metrics_page = s.metrics_page.get(),
                 .dev_page = s.dev_page ? &*s.dev_page : nullptr,
                 .not_ready_reasons = [&s] { return not_ready_reasons(s); }},
        router({.prefix = s.config.http.prefix,
                .ticket_ttl = std::chrono::duration_cast<std::chrono::seconds>(s.config.ticket.ttl),
                .channels_max = s.config.limits.channels_per_connection,
                .message_bytes_max = s.config.limits.message_bytes,
                .revocation_ttl = longest_token_life(s.config),
                .version = USHER_VERSION,
                .node_uid = s.session.node},
               services),
        hooks(s.outgoing.hooks_of(shard)),
        sessions{.options = s.session,
                 .hub = hub,
                 .tickets = tickets,
                 .origins = s.origins,
                 .revocations = s.revocations,
                 .tokens = s.config.client.accept_jwt ? &door : nullptr,
                 .hooks = hooks.get(),
                 .wall_clock = s.wall_clock,
                 .log = s.log,
                 .reject_log = s.reject_log,
                 .observer = session_metrics,
                 .json = json,
                 .commands = commands},
        application({router, gate, sessions, hub, metrics, s.entropy,
                     index == 0 ? [&s] { s.engine->tick(); } : std::function<void()>()}) {
    shard.serve(application);
  }

  net::Shard& shard;  // its connections must end before what they use: see ~Node
  SwitchedTicketStore tickets;
  gateway::ShardMetrics& metrics;
  gateway::SessionMetrics session_metrics;
  wire::JsonReader json;
  wire::CommandReader commands;
  hub::Hub hub;
  std::unique_ptr<net::ShardKeys> newer_keys;
  gateway::JwtDoor door;
  gateway::UpgradeGate gate;
  gateway::Services services;
  gateway::Router router;
  std::unique_ptr<net::ShardHooks> hooks;
  session::SessionServices sessions;
  GatewayApplication application;
  std::thread thread;
};

Node::Node(Config config, std::optional<DevSecrets> dev, Log& log,
           std::function<std::uint64_t()> log_lines_dropped) {
  const std::size_t count = shard_count(config);
  shared_ = std::make_unique<Shared>(std::move(config), std::move(dev), log, count);
  Shared& s = *shared_;

  std::vector<const gateway::ShardMetrics*> metrics;
  for (const gateway::ShardMetrics& m : s.metrics) metrics.push_back(&m);
  s.metrics_page =
      std::make_unique<gateway::MetricsPage>(std::move(metrics), s.node, USHER_VERSION);
  using Kind = gateway::MetricsPage::Kind;
  if (s.ticket_queue) {
    s.metrics_page->add("usher_ticket_places",
                        "Sessions that were told to come back for a ticket, and are waited for.",
                        Kind::gauge,
                        [&s] { return static_cast<double>(s.ticket_queue->places()); });
  }
  if (log_lines_dropped) {
    s.metrics_page->add("usher_log_lines_dropped_total", "Log lines that found the queue full.",
                        Kind::counter,
                        [log_lines_dropped] { return static_cast<double>(log_lines_dropped()); });
  }

  s.outgoing.add_to(*s.metrics_page);
  for (std::size_t i = 0; i < count; ++i) {
    s.shards.push_back(std::make_unique<net::Shard>(
        shard_options(s.config), net::ShardServices{s.clock, s.wall_clock, s.log, s.half_open,
                                                    s.trusted_proxies, s.congestion}));
  }
  s.post = std::make_unique<Post>(s.shards);
  s.engine = make_engine(
      {.config = s.config,
       .node = s.session.node,
       .rules = s.rules,
       .clock = s.clock,
       .entropy = s.entropy,
       .log = s.log,
       .post = *s.post,
       .shards = pointers(s.shards),
       .wall_clock = s.wall_clock,
       .on_revoked = [this](auth::RevokedBy by, const std::string& name, WallTime revoked_at,
                            WallTime until) { revoked_elsewhere(by, name, revoked_at, until); }});
  s.engine->add_metrics(*s.metrics_page);
  for (std::size_t i = 0; i < count; ++i) shards_.push_back(std::make_unique<ShardParts>(s, i));

  const auto open = [&](const std::string& text, gateway::Listener role, std::size_t shards) {
    net::ListenAddress address = net::parse_listen_address(text);
    std::vector<net::Fd> listeners = net::open_listeners(address, shards);
    for (std::size_t i = 0; i < shards; ++i) {
      const bool is_secure = role != gateway::Listener::admin;
      shards_[i]->shard.listen(std::move(listeners[i]), role, is_secure ? s.keys.tls : nullptr);
    }
    return address.text;
  };
  const bool api_apart = !s.config.api.listen.empty();
  const auto client_role =
      s.keys.api_keys && !api_apart ? gateway::Listener::client_and_api : gateway::Listener::client;
  for (const std::string& text : s.config.server.listen) {
    s.addresses.clients.push_back(open(text, client_role, count));
  }
  if (api_apart) s.addresses.api = open(s.config.api.listen, gateway::Listener::api, count);
  if (!s.config.admin.listen.empty()) {
    s.addresses.admin = open(s.config.admin.listen, gateway::Listener::admin, 1);
  }
}

Node::~Node() {
  stop();
  // Sessions leave their hub when their shard goes, and hubs speak to each other: so all shards go
  // first.
  for (const auto& parts : shards_) parts->shard.close_all();
}

// Who is inside is sent out when it is news: by then a user may be here again, with a new token.
void Node::revoked_elsewhere(auth::RevokedBy by, const std::string& name, WallTime revoked_at,
                             WallTime until) {
  Shared& s = *shared_;
  auth::Bearer bearer{.iat = unix_seconds(revoked_at)};
  (by == auth::RevokedBy::session ? bearer.session
   : by == auth::RevokedBy::user  ? bearer.user
                                  : bearer.jti) = name;
  const bool was_known = s.revocations.is_revoked(bearer, s.wall_clock.now());
  const auto ttl = std::chrono::ceil<std::chrono::seconds>(until - revoked_at);
  if (ttl <= std::chrono::seconds::zero()) return;
  if (!s.revocations.revoke(by, name, ttl, revoked_at)) {
    s.log.error("too many revocations are in force: one of another gateway is not heeded here");
  }
  if (was_known) return;
  for (const auto& parts : shards_) {
    parts->shard.post([hub = &parts->hub, order = gateway::disconnect_revoked(by, name)] {
      hub->on_command(order);
    });
  }
}

const Node::Addresses& Node::addresses() const { return shared_->addresses; }

void Node::start() {
  shared_->outgoing.start();
  shared_->engine->start();
  for (const auto& parts : shards_) {
    parts->thread = std::thread([shard = &parts->shard] { shard->run(); });
  }
}

void Node::set_ticket_store_available(bool available) {
  shared_->ticket_switch.set_available(available);
}

void Node::on_restart_asked(std::function<void()> restart) {
  if (shared_->switches) shared_->switches->on_restart(std::move(restart));
}

void Node::reload() {
  Shared& s = *shared_;
  try {
    Keys keys = load_keys(s.config, s.dev, s.entropy);
    s.outgoing.reload(keys);
    if (!s.outgoing.has_key_source()) s.verifier.set(keys.verifier);
    if (keys.guest_tokens) s.guest_tokens.set(keys.guest_tokens);
    if (keys.api_keys) s.api_keys.set(keys.api_keys);
    for (const auto& parts : shards_) {
      parts->shard.post([shard = &parts->shard, tls = keys.tls] { shard->set_tls(tls); });
    }
    s.log.info("keys and certificate reloaded");
  } catch (const std::exception& error) {
    s.log.error("reload failed, nothing was changed", {{"reason", error.what()}});
  }
}

void Node::drain(Duration window, std::function<void()> done) {
  shared_->node.draining = true;
  const auto left = std::make_shared<std::atomic<std::size_t>>(shards_.size());
  shards_.front()->shard.post([this] { shared_->engine->leave(); });
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
  for (const auto& parts : shards_) {
    parts->shard.stop();
    if (parts->thread.joinable()) parts->thread.join();
  }
  // Last: sessions that have just ended are still to be told of.
  shared_->outgoing.stop();
}

}  // namespace usher::apps
