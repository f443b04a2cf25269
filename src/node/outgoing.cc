#include "node/outgoing.h"

#include <utility>

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
  options.endpoints = {endpoint_of(hooks.rpc_url), endpoint_of(hooks.publish_url),
                       endpoint_of(hooks.connected_url), endpoint_of(hooks.disconnected_url)};
  options.lane.running_max = hooks.concurrency;
  options.lane.waiting_max = hooks.queue;
  options.lane.per_session_max = hooks.queue_per_session;
  options.lane.timeout = hooks.timeout;
  options.lane.attempts_max = static_cast<std::uint32_t>(hooks.attempts);
  options.data_bytes_max = config.limits.message_bytes;
  options.node = node;
  return options;
}

}  // namespace

Outgoing::Outgoing(const config::Config& config, const Keys& keys,
                   OutgoingDependencies dependencies, const std::string& node) {
  const bool has_source = !config.jwt.jwks_url.empty();
  if (!config.hooks.any() && !has_source) return;
  outbound_ = std::make_unique<http_client::Outbound>(config.tls.ca_file);
  if (config.hooks.any()) {
    hooks_ = std::make_unique<hooks::HookSender>(
        hook_sender_options(config, node),
        hooks::HookSenderDependencies{*outbound_, dependencies.clock, dependencies.wall_clock,
                                      dependencies.entropy, dependencies.limited_log,
                                      hook_metrics_},
        keys.hook_signer);
  }
  if (!has_source) return;
  only_published_keys_ = keys.parts.issuer_keys.empty();
  issuer_keys_ =
      std::make_unique<issuer::IssuerKeys>(keys.parts, dependencies.verifier, dependencies.log);
  key_source_ = std::make_unique<issuer::KeySource>(
      issuer::KeySourceOptions{.endpoint = *http_client::parse_url(config.jwt.jwks_url)},
      *outbound_, dependencies.clock, dependencies.log,
      [this](std::string_view body) { return issuer_keys_->take_published(body); });
}

std::unique_ptr<issuer::ShardKeys> Outgoing::keys_of(net::Shard& shard) {
  return key_source_ ? std::make_unique<issuer::ShardKeys>(*key_source_, poster_of(shard))
                     : nullptr;
}

std::vector<std::string> Outgoing::not_ready_reasons() const {
  if (key_source_ && only_published_keys_ && key_source_->are_missing()) {
    return {"no key set from jwt.jwks_url yet"};
  }
  return {};
}

std::unique_ptr<hooks::ShardHooks> Outgoing::hooks_of(net::Shard& shard) {
  return hooks_ ? std::make_unique<hooks::ShardHooks>(*hooks_, poster_of(shard)) : nullptr;
}

void Outgoing::add_to(metrics::MetricsPage& page) const {
  if (hooks_) hooks::add_to(page, hook_metrics_);
}

void Outgoing::start() {
  if (outbound_) outbound_->start();
  if (key_source_) key_source_->start();
  running_ = true;
}

void Outgoing::reload(const Keys& keys) {
  if (issuer_keys_) issuer_keys_->set_files(keys.parts);
  if (key_source_) key_source_->refresh();
  if (hooks_) hooks_->set_signer(keys.hook_signer);
}

void Outgoing::stop(Duration patience) {
  if (!std::exchange(running_, false)) return;
  if (hooks_) return hooks_->finish(patience);
  if (outbound_) outbound_->stop();
}

}  // namespace usher::node
