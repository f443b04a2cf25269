#include "node/settings.h"

#include <utility>

#include "config/config_check.h"
#include "config/config_sources.h"
#include "node/node_options.h"

namespace usher::node {
namespace {

// Throws; what() is one sentence.
std::shared_ptr<const Settings> prepare(config::Config config, const std::optional<DevSecrets>& dev,
                                        Entropy& entropy) {
  auto settings = std::make_shared<Settings>();
  settings->config = std::move(config);
  settings->keys = load_keys(settings->config, dev, entropy);
  settings->origins = std::make_shared<const auth::OriginPolicy>(origin_options(settings->config));
  settings->trusted_proxies =
      std::make_shared<const net::TrustedProxies>(settings->config.server.trusted_proxies);
  return settings;
}

}  // namespace

NewSettings make_settings(config::LoadedConfig loaded, const config::Config& running,
                          const std::optional<DevSecrets>& dev, Entropy& entropy) {
  NewSettings made;
  made.outcome.faults = std::move(loaded.errors);
  if (!made.outcome.ok()) return made;
  made.outcome.warnings = std::move(loaded.warnings);
  made.outcome.changes =
      changes_between(config::values_of(running), config::values_of(loaded.config));
  config::Config effective = config::without_restarts(std::move(loaded.config), running);
  // The keys that stay as they were may not fit the others.
  made.outcome.faults = check(effective, config::gather_file_facts(effective)).errors;
  if (!made.outcome.ok()) return made;
  try {
    made.settings = prepare(std::move(effective), dev, entropy);
  } catch (const std::exception& error) {
    made.outcome.faults.emplace_back(error.what());
  }
  return made;
}

}  // namespace usher::node
