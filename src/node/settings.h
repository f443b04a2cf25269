// Everything that a reload changes, made and checked before any of it is used.
//
// Threads: made on the Reloader's thread; immutable afterwards.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "auth/origin_policy.h"
#include "base/entropy.h"
#include "config/config.h"
#include "config/config_load.h"
#include "net/proxied_address.h"
#include "node/keys.h"
#include "node/reload_outcome.h"

namespace usher::node {

struct Settings {
  config::Config config;  // keys that need a restart have their running values
  Keys keys;
  std::shared_ptr<const auth::OriginPolicy> origins;
  std::shared_ptr<const net::TrustedProxies> trusted_proxies;
};

// Reads the configuration from where it came at the start. It may wait for a disk, and owns or
// shares all that it uses.
using LoadConfig = std::function<config::LoadedConfig()>;

struct NewSettings {
  ReloadOutcome outcome;
  std::shared_ptr<const Settings> settings;  // null if the outcome has faults
};

// Requires: `running` is the configuration that is in force. Reads the files that the new one
// names.
NewSettings make_settings(config::LoadedConfig loaded, const config::Config& running,
                          const std::optional<DevSecrets>& dev, Entropy& entropy);

}  // namespace usher::node
