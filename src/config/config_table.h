// The one table of configuration keys. It reads them, checks them and documents them.
//
// A new key is a member in config.h and a line in config_table.cc; docs/configuration.md follows
// (a test checks it).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/config_key.h"
#include "hub/channel_rules.h"

namespace usher::config {

struct Config;
struct IssuerConfig;
struct UpstreamConfig;

std::span<const Key<Config>> config_keys();
std::span<const Key<hub::NamespaceOptions>> namespace_keys();
std::span<const Key<IssuerConfig>> issuer_keys();
std::span<const Key<UpstreamConfig>> upstream_keys();

inline constexpr std::string_view kNamespaces = "channel.namespaces";
inline constexpr std::string_view kIssuers = "jwt.issuers";
inline constexpr std::string_view kUpstreams = "upstreams";

// Returns "USHER_CLIENT_PING_INTERVAL" for "client.ping_interval".
std::string environment_name(std::string_view key);

}  // namespace usher::config
