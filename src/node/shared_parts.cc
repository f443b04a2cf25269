#include "node/shared_parts.h"

#include <algorithm>
#include <boost/asio/ssl/context.hpp>
#include <utility>

#include "dev/page_files.h"
#include "http_client/tls_trust.h"
#include "node/node_options.h"

namespace usher::node {
namespace {

constexpr std::size_t kRevocationsMax = 1'000'000;
constexpr limits::RateLimit kApiFailures{20, std::chrono::minutes(1)};

// Those without a limit exist too: a reload may set one.
std::unique_ptr<limits::RateLimiter> make_limiter(limits::RateLimit limit, Entropy& entropy) {
  return std::make_unique<limits::RateLimiter>(limit, limits::RateLimiterOptions{}, entropy);
}

limits::RateLimit rate_per_second(std::uint64_t count) {
  return {static_cast<std::uint32_t>(count), std::chrono::seconds(1)};
}

std::unique_ptr<limits::TicketQueue> make_ticket_queue(std::uint64_t per_second, Entropy& entropy) {
  return std::make_unique<limits::TicketQueue>(
      limits::TicketQueueOptions{.per_second = static_cast<std::uint32_t>(per_second)}, entropy);
}

std::string random_node_name(Entropy& entropy) { return to_hex(entropy.bytes<4>()); }

template <class Metrics>
std::vector<const Metrics*> pointers(const std::vector<Metrics>& metrics) {
  std::vector<const Metrics*> found;
  for (const Metrics& each : metrics) found.push_back(&each);
  return found;
}

std::vector<net::Shard*> pointers(const std::vector<std::unique_ptr<net::Shard>>& shards) {
  std::vector<net::Shard*> found;
  for (const auto& shard : shards) found.push_back(shard.get());
  return found;
}

// So that an alert, or `usher bench storm`, can say how near to it a node has come.
void add_limits(metrics::MetricsPage& page, const Snapshot<config::Config>& current) {
  using Read = std::uint64_t (*)(const config::Config&);
  const auto series = [&current](const char* key, Read read) {
    return metrics::MetricsPage::Series{.labels = {{"key", key}}, .read = [&current, read] {
                                          return static_cast<double>(read(*current.get()));
                                        }};
  };
  page.add("usher_limit", "What this node is configured to bear; 0 is no limit.",
           metrics::MetricsPage::Kind::gauge,
           {series("limits.connections", connections_max),
            series("limits.tickets_per_second",
                   [](const config::Config& c) { return c.limits.tickets_per_second; }),
            series("limits.upgrades_per_second",
                   [](const config::Config& c) { return c.limits.upgrades_per_second; }),
            series("ticket.outstanding_max",
                   [](const config::Config& c) { return c.ticket.outstanding_max; })});
}

LogLimiterOptions event_log_options(limits::RateLimit limit) {
  if (limit.unlimited()) return {.lines_max = 0};
  return {.lines_max = limit.count, .per = limit.per};
}

std::optional<auth::JwtSigner> dev_signer(const config::Config& config,
                                          const std::optional<DevSecrets>& dev) {
  if (!config.jwt.secret_file.empty()) return auth::JwtSigner(signing_key(config.jwt));
  const bool others_sign = config.jwt.has_foreign_keys() || !config.jwt.issuers.empty();
  if (others_sign || !dev) return {};
  return auth::JwtSigner(auth::secret_key(dev->jwt_secret));
}

std::shared_ptr<boost::asio::ssl::context> make_trust(const config::Config& config) {
  const auto targets = upstream_targets(config);
  const bool any = std::ranges::any_of(targets, &net::UpstreamTarget::tls);
  return any ? http_client::make_tls_trust(config.tls.ca_file) : nullptr;
}

std::vector<std::string> names_of(const doors::UpstreamTable& upstreams) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < upstreams.size(); ++i) names.push_back(upstreams[i].name);
  return names;
}

dev::DevTokens dev_tokens(const config::Config& config, const std::optional<DevSecrets>& dev) {
  const auto& audience = config.jwt.audience;
  return {config.jwt.issuer, audience.empty() ? "" : audience.front(), dev_signer(config, dev)};
}

}  // namespace

SharedParts::SharedParts(config::Config whole, std::optional<DevSecrets> secrets, Log& sink,
                         gateway::NodeControl& operators,
                         std::function<std::uint64_t()> log_lines_dropped,
                         engine::RevokedHandler on_revoked)
    : config(std::move(whole)),
      current(std::make_shared<Snapshot<config::Config>>(
          std::make_shared<const config::Config>(config))),
      dev(std::move(secrets)),
      log(sink),
      control(operators),
      reject_log(log, clock),
      event_log(log, clock, event_log_options(config.log.events)),
      keys(load_keys(config, dev, entropy)),
      ticket_keys(clock, entropy),
      verifier(keys.verifier),
      guest_tokens(keys.guest_tokens),
      api_keys(keys.api_keys),
      origins(std::make_shared<const auth::OriginPolicy>(origin_options(config))),
      revocations(entropy, kRevocationsMax, longest_leeway(config)),
      seen_messages(entropy),
      tokens_per_address(make_limiter(config.limits.tokens_per_address, entropy)),
      tickets_per_address(make_limiter(config.limits.upgrades_per_address, entropy)),
      tickets_per_session(make_limiter(config.limits.tickets_per_session, entropy)),
      upgrades_per_address(make_limiter(config.limits.upgrades_per_address, entropy)),
      api_failures(make_limiter(kApiFailures, entropy)),
      logout_failures_per_address(make_limiter(config.limits.logout_failures_per_address, entropy)),
      preflights_per_address(make_limiter(config.limits.refusals_per_address, entropy)),
      refusals_per_address(make_limiter(config.limits.refusals_per_address, entropy)),
      ticket_queue(make_ticket_queue(config.limits.tickets_per_second, entropy)),
      upgrades_per_second(
          std::make_unique<limits::NodeRate>(rate_per_second(config.limits.upgrades_per_second))),
      forged_tickets(std::make_unique<limits::ForgedTickets>(*upgrades_per_second, entropy)),
      rules(channel_rules_options(config)),
      upstreams(upstream_table(config, keys.upstream_secrets)),
      trust(make_trust(config)),
      half_open(config.limits.half_open_per_address),
      body_room({.bytes_max = config.limits.request_bytes,
                 .bytes_per_address_max = config.limits.request_bytes_per_address}),
      trusted_proxies(config.server.trusted_proxies),
      node_name(random_node_name(entropy)),
      ping_interval_told_min(config.client.ping_interval),
      outgoing(config, keys, {clock, wall_clock, entropy, log, reject_log, verifier}, node_name),
      metrics(shard_count(config)),
      route_metrics(metrics.size()),
      api_metrics(metrics.size()),
      mailboxes(shards),
      readiness(log) {
  warn_of_skipped_keys(keys.parts, log);
  use_tls(keys);
  if (config.dev) {
    switches =
        std::make_unique<dev::NodeSwitches>(dev_tokens(config, dev), dev_fault, origins, log);
    dev_page.emplace(dev::page_files(), *switches, shown_upstreams(config));
  }
  make_shards();
  engine = engine::make_engine({.config = config,
                                .node = node_name,
                                .rules = rules,
                                .clock = clock,
                                .entropy = entropy,
                                .log = log,
                                .post = mailboxes,
                                .shards = pointers(shards),
                                .wall_clock = wall_clock,
                                .on_revoked = std::move(on_revoked)});
  add_readiness();
  add_metrics(std::move(log_lines_dropped));
}

void SharedParts::add_readiness() {
  readiness.add([this] { return engine->not_ready_reasons(); });
  readiness.add([this] { return outgoing.not_ready_reasons(); });
}

void SharedParts::make_shards() {
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    upstream_metrics.emplace_back(upstreams.size());
    shards.push_back(std::make_unique<net::Shard>(
        shard_options(config), net::ShardDependencies{clock, wall_clock, log, half_open,
                                                      trusted_proxies, congestion, &body_room}));
    shards.back()->reach(upstream_targets(config), trust ? trust->native_handle() : nullptr);
  }
  if (const std::string& obstacle = shards.front()->sender().obstacle(); !obstacle.empty()) {
    log.info("no io_uring here: one system call for each send", {{"reason", obstacle}});
  }
}

void SharedParts::add_metrics(std::function<std::uint64_t()> log_lines_dropped) {
  using Kind = metrics::MetricsPage::Kind;
  metrics::add_to(metrics_page, node, USHER_VERSION);
  metrics::add_to(metrics_page, pointers(metrics));
  gateway::add_to(metrics_page, pointers(route_metrics));
  api::add_to(metrics_page, pointers(api_metrics));
  gateway::add_to(metrics_page, pointers(upstream_metrics), names_of(upstreams));
  add_limits(metrics_page, *current);
  metrics_page.add("usher_ticket_places",
                   "Sessions that were told to come back for a ticket, and are waited for.",
                   Kind::gauge, [this] { return static_cast<double>(ticket_queue->places()); });
  metrics_page.add("usher_log_lines_suppressed_total", "Log lines held back by their rate limit.",
                   Kind::counter, [this] {
                     std::uint64_t lines = reject_log.suppressed() + event_log.suppressed();
                     for (const auto& shard : metrics) lines += shard.log_lines_suppressed.value();
                     return static_cast<double>(lines);
                   });
  if (log_lines_dropped) {
    metrics_page.add(
        "usher_log_lines_dropped_total", "Log lines that found the queue full.", Kind::counter,
        [dropped = std::move(log_lines_dropped)] { return static_cast<double>(dropped()); });
  }
  outgoing.add_to(metrics_page);
  engine->add_metrics(metrics_page);
}

void SharedParts::take_over(const Settings& settings) {
  const config::Config& fresh = settings.config;
  const config::LimitsConfig& limits = fresh.limits;
  const TimePoint now = clock.now();
  current->set(std::make_shared<const config::Config>(fresh));
  event_log.set_options(event_log_options(fresh.log.events));
  if (switches) {
    switches->use(settings.origins, dev_tokens(fresh, dev));
  } else {
    origins.set(settings.origins);
  }
  guest_tokens.set(settings.keys.guest_tokens);
  if (settings.keys.api_keys) api_keys.set(settings.keys.api_keys);
  revocations.set_leeway(longest_leeway(fresh));
  tokens_per_address->set_limit(limits.tokens_per_address, now);
  tickets_per_address->set_limit(limits.upgrades_per_address, now);
  tickets_per_session->set_limit(limits.tickets_per_session, now);
  upgrades_per_address->set_limit(limits.upgrades_per_address, now);
  logout_failures_per_address->set_limit(limits.logout_failures_per_address, now);
  preflights_per_address->set_limit(limits.refusals_per_address, now);
  refusals_per_address->set_limit(limits.refusals_per_address, now);
  ticket_queue->set_per_second(static_cast<std::uint32_t>(limits.tickets_per_second));
  upgrades_per_second->set_limit(rate_per_second(limits.upgrades_per_second));
  half_open.set_max(limits.half_open_per_address);
  body_room.set_options({.bytes_max = limits.request_bytes,
                         .bytes_per_address_max = limits.request_bytes_per_address});
  ping_interval_told_min = std::min(ping_interval_told_min.load(), fresh.client.ping_interval);
  engine->take_over(fresh);
}

void SharedParts::use_tls(const Keys& fresh) {
  if (!fresh.tls) return;
  fresh.tls->seal_tickets_with(ticket_keys);
  ticket_keys.use_files(fresh.ticket_keys);
  for (const std::string& concern : fresh.certificate->concerns(wall_clock.now())) {
    log.warn("certificate", {{"reason", concern}});
  }
}

}  // namespace usher::node
