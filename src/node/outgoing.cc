#include "node/outgoing.h"

#include <algorithm>
#include <utility>

#include "node/node_options.h"

namespace usher::node {
namespace {

std::function<void(UniqueFunction<void()>)> poster_of(net::Shard& shard) {
  return [&shard](UniqueFunction<void()> task) { shard.post(std::move(task)); };
}

std::optional<http_client::Endpoint> endpoint_of(const std::string& url) {
  if (url.empty()) return std::nullopt;
  return *http_client::parse_url(url);
}

hooks::HookSenderOptions hook_sender_options(const config::Config& config,
                                             const std::string& node) {
  const config::HooksConfig& hooks = config.hooks;
  hooks::HookSenderOptions options;
  options.endpoints = {endpoint_of(hooks.rpc_url),       endpoint_of(hooks.publish_url),
                       endpoint_of(hooks.connected_url), endpoint_of(hooks.disconnected_url),
                       endpoint_of(hooks.subscribe_url), endpoint_of(hooks.ticket_url)};
  options.lane.running_max = hooks.concurrency;
  options.lane.waiting_max = hooks.queue;
  options.lane.per_session_max = hooks.queue_per_session;
  options.lane.timeout = hooks.timeout;
  options.lane.attempts_max = static_cast<std::uint32_t>(hooks.attempts);
  options.data_bytes_max = config.limits.message_bytes;
  options.info_bytes_max = config.limits.info_bytes;
  options.ticket_headers = hooks.ticket_headers;
  options.ticket_answers = {.channels_per_token = config.limits.channels_per_token,
                            .info_bytes = config.limits.info_bytes,
                            .claims = ticket_claims(config),
                            .claims_bytes_max = config.ticket.claims_bytes};
  options.node = node;
  return options;
}

bool publishes_keys(const issuer::VerifierParts& parts) {
  return std::ranges::any_of(
      parts.issuers, [](const issuer::IssuerParts& each) { return !each.jwks_url.empty(); });
}

}  // namespace

Outgoing::Outgoing(const config::Config& config, const Keys& keys,
                   OutgoingDependencies dependencies, const std::string& node)
    : outbound_(config.tls.ca_file),
      issuer_keys_(keys.parts, dependencies.verifier, dependencies.log),
      key_sources_(outbound_, dependencies.clock, dependencies.log, issuer_keys_),
      first_(keys.parts) {
  if (config.hooks.any() || publishes_keys(keys.parts)) outbound_.load_trust();
  if (!config.hooks.any()) return;
  ticket_flights_ = std::make_unique<hooks::TicketFlights>(dependencies.entropy);
  hooks_ = std::make_unique<hooks::HookSender>(
      hook_sender_options(config, node),
      hooks::HookSenderDependencies{outbound_, dependencies.clock, dependencies.wall_clock,
                                    dependencies.entropy, dependencies.limited_log, hook_metrics_},
      keys.hook_signer);
}

std::unique_ptr<issuer::ShardKeys> Outgoing::keys_of(net::Shard& shard) {
  return std::make_unique<issuer::ShardKeys>(key_sources_, poster_of(shard));
}

std::vector<std::string> Outgoing::not_ready_reasons() const {
  std::vector<std::string> reasons;
  for (const std::string& name : key_sources_.missing()) {
    reasons.push_back("no key set from " + name + " yet");
  }
  return reasons;
}

std::unique_ptr<hooks::ShardHooks> Outgoing::hooks_of(net::Shard& shard) {
  return hooks_ ? std::make_unique<hooks::ShardHooks>(*hooks_, poster_of(shard)) : nullptr;
}

std::unique_ptr<hooks::ShardTicketHook> Outgoing::ticket_hook_of(net::Shard& shard) {
  if (!hooks_) return nullptr;
  return std::make_unique<hooks::ShardTicketHook>(*hooks_, *ticket_flights_, poster_of(shard));
}

void Outgoing::add_to(metrics::MetricsPage& page) const {
  if (hooks_) hooks::add_to(page, hook_metrics_);
}

void Outgoing::start() {
  running_ = true;
  use_key_sources(std::exchange(first_, {}));
}

// A node that makes no calls has no thread for them.
void Outgoing::use_key_sources(const issuer::VerifierParts& parts) {
  if (!has_started_ && (publishes_keys(parts) || hooks_)) {
    outbound_.start();
    has_started_ = true;
  }
  key_sources_.set(parts);
}

void Outgoing::reload(const Keys& keys) {
  if (publishes_keys(keys.parts)) outbound_.load_trust();
  issuer_keys_.set_files(keys.parts);
  use_key_sources(keys.parts);
  if (hooks_) hooks_->set_signer(keys.hook_signer);
}

void Outgoing::stop(Duration patience) {
  if (!std::exchange(running_, false)) return;
  if (hooks_) return hooks_->finish(patience);
  outbound_.stop();
}

}  // namespace usher::node
