#include "node/node_options.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/ascii.h"
#include "config/upstream_url.h"
#include "ticket/ticket_store.h"

namespace usher::node {
namespace {

// For revocations without a ttl. An issuer's tokens tell their own; a month covers what is usual.
std::chrono::seconds longest_token_life(const config::Config& config) {
  constexpr Duration kIssuersLife = std::chrono::hours(744);
  const Duration guests =
      config.guest.token_ttl + config.guest.renewal_window + longest_leeway(config);
  return std::chrono::ceil<std::chrono::seconds>(std::max(kIssuersLife, guests));
}

// As gateway::check_admin_host() wants them.
std::vector<std::string> admin_hosts(const config::Config& config) {
  std::vector<std::string> names = config.admin.allowed_hosts;
  const std::string& listen = config.admin.listen;
  names.push_back(listen.substr(0, listen.rfind(':')));  // a name, or else never asked for
  for (std::string& name : names) name = to_lower(name);
  return names;
}

}  // namespace

std::chrono::seconds longest_leeway(const config::Config& config) {
  Duration longest = config.jwt.leeway;
  for (const config::IssuerConfig& issuer : config.jwt.issuers) {
    longest = std::max(longest, issuer.leeway);
  }
  return std::chrono::ceil<std::chrono::seconds>(longest);
}

std::size_t shard_count(const config::Config& config) {
  if (config.server.threads != 0) return config.server.threads;
  return std::max(1u, std::thread::hardware_concurrency());
}

std::uint64_t connections_max(const config::Config& config) {
  const std::uint64_t max = config.limits.connections;
  return max == 0 ? config.connections_possible : max;
}

auth::OriginPolicyOptions origin_options(const config::Config& config) {
  return {.allowed = config.client.allowed_origins.value_or(std::vector<std::string>{}),
          .require = config.client.require_origin,
          .dev = config.dev};
}

hub::ChannelRulesOptions channel_rules_options(const config::Config& config) {
  hub::ChannelRulesOptions options{.namespaces = config.channel.namespaces,
                                   .channel_bytes_max = config.limits.channel_bytes,
                                   .unconfigured = std::nullopt,
                                   .history_bytes_max = config.limits.history_bytes};
  if (config.channel.unconfigured == config::Unconfigured::granted) {
    options.unconfigured = hub::NamespaceOptions{};
  }
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

hub::HubOptions hub_options(const config::Config& config) {
  hub::HubOptions options;
  options.channels_per_connection = config.limits.channels_per_connection;
  options.pending_max = config.limits.pending_subscriptions;
  options.pending_per_session_max = config.limits.pending_per_session;
  options.recovery_bytes_max =
      std::min<std::size_t>(options.recovery_bytes_max, config.limits.outbox_bytes / 2);
  return options;
}

net::ShardOptions shard_options(const config::Config& config) {
  net::ShardOptions options;
  options.outbox_bytes_max = config.limits.outbox_bytes;
  options.message_bytes_max = config.limits.message_bytes;
  options.head_bytes_max = config.limits.head_bytes;
  options.keep_alive_timeout = config.server.keep_alive;
  options.sends =
      config.server.io_uring ? net::BatchSender::Way::io_uring : net::BatchSender::Way::one_by_one;
  return options;
}

std::vector<std::string> ticket_claims(const config::Config& config) {
  std::vector<std::string> names;
  const auto add = [&names](const std::vector<std::string>& more) {
    for (const std::string& name : more) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  };
  add(config.ticket.claims);
  for (const config::UpstreamConfig& upstream : config.upstreams) add(upstream.claims);
  return names;
}

std::vector<net::UpstreamTarget> upstream_targets(const config::Config& config) {
  std::vector<net::UpstreamTarget> targets;
  for (const config::UpstreamConfig& upstream : config.upstreams) {
    const auto url = config::parse_upstream_url(upstream.url).value();
    targets.push_back({.host = url.host,
                       .port = url.port,
                       .unix_path = url.unix_path,
                       .tls = url.tls,
                       .connect_timeout = upstream.connect_timeout,
                       .idle_timeout = upstream.idle_timeout,
                       .buffer_bytes = upstream.buffer_bytes});
  }
  return targets;
}

doors::UpstreamTable upstream_table(const config::Config& config,
                                    const std::vector<std::optional<auth::Key>>& secrets) {
  std::vector<doors::Upstream> upstreams;
  for (std::size_t i = 0; i < config.upstreams.size(); ++i) {
    const config::UpstreamConfig& upstream = config.upstreams[i];
    const auto url = config::parse_upstream_url(upstream.url).value();
    upstreams.push_back(
        {.name = upstream.name,
         .path = upstream.path,
         .target = url.target,
         .authority = url.authority,
         .who = upstream.who,
         .end_with_token = upstream.end_with_token,
         .identity = doors::IdentityHeaders(
             {.claims = upstream.claims, .audience = upstream.name, .secret = secrets[i]})});
  }
  return doors::UpstreamTable(std::move(upstreams));
}

std::vector<dev::DevUpstream> shown_upstreams(const config::Config& config) {
  std::vector<dev::DevUpstream> upstreams;
  for (const config::UpstreamConfig& upstream : config.upstreams) {
    const auto url = config::parse_upstream_url(upstream.url).value();
    upstreams.push_back({upstream.name, upstream.path, config::shown_without_query(url)});
  }
  return upstreams;
}

http::RouterOptions router_options(const config::Config& config, const std::string& node) {
  return {.prefix = config.http.prefix,
          .ticket_ttl = std::chrono::duration_cast<std::chrono::seconds>(config.ticket.ttl),
          .ticket_claims = ticket_claims(config),
          .told_claims = config.ticket.claims,
          .claims_bytes_max = config.ticket.claims_bytes,
          .channels_per_connection = config.limits.channels_per_connection,
          .channels_per_token = config.limits.channels_per_token,
          .info_bytes = config.limits.info_bytes,
          .message_bytes_max = config.limits.message_bytes,
          .revocation_ttl = longest_token_life(config),
          .leeway = longest_leeway(config),
          .version = USHER_VERSION,
          .node_uid = node,
          .admin_hosts = admin_hosts(config),
          .allowed_headers = config.client.allowed_headers};
}

session::SessionOptions session_options(const config::Config& config, const std::string& node) {
  session::SessionOptions options;
  options.ping_interval = config.client.ping_interval;
  options.store_timeout = config.ticket.store_timeout;
  options.ticket_known_for = config.ticket.ttl + ticket::kTombstoneFor;
  options.reconnect_spread =
      std::chrono::duration_cast<std::chrono::milliseconds>(config.client.reconnect_spread);
  options.commands = config.limits.commands;
  options.held_bytes_max = config.limits.message_bytes;
  options.channels_per_connection = config.limits.channels_per_connection;
  options.leeway = longest_leeway(config);
  options.earlier_tokens_max = config.limits.earlier_tokens_per_connection;
  options.hook_calls_max = static_cast<std::uint8_t>(config.hooks.calls_per_connection);
  options.identities = config.log.identities;
  options.version = "usher " USHER_VERSION;
  options.node = node;
  return options;
}

}  // namespace usher::node
