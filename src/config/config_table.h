// The one table of configuration keys. It reads them, checks them and documents them.
//
// A new key is a member in config.h and a line in config_table.cc; docs/configuration.md follows
// (a test checks it).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/config_value.h"
#include "hub/channel_rules.h"

namespace usher::config {

struct Config;
struct IssuerConfig;
struct UpstreamConfig;

// What a reload does with a change of a key.
enum class Reload : std::uint8_t {
  live,     // takes it over
  on_off,   // takes it over, unless it switches something on or off ("" or [] means off)
  restart,  // leaves the key as it was, and says so
};
std::string_view to_string(Reload reload);  // as the documentation and /admin/config show it

// A key of an Owner: the Config, or one entry of [[channel.namespaces]], [[jwt.issuers]] or
// [[upstreams]].
template <class Owner>
struct Key {
  std::string_view name;  // "client.ping_interval"; of a namespace: "history_size"
  std::string_view doc;   // one or two sentences, Markdown
  Range range;
  Reload reload = Reload::live;

  // Returns nullopt if the value was set, else the kind of value that the key needs (Codec::kind).
  std::optional<std::string> (*set)(Owner&, const Value&, const Range&);
  std::string (*get)(const Owner&);  // as TOML writes it
  std::string (*kind)(const Range&);
  void (*copy)(Owner& to, const Owner& from);
};

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
