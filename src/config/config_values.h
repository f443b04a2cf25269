// Every value of a configuration by its key, and the difference between two configurations.
//
// A namespace, an issuer and an upstream are found by their names: `channel.namespaces.orders.history_size`.
// So their order does not matter, and a section that one side lacks is one difference.
//
// Pure: no file is read. Two configurations that name the same file are equal, whatever it holds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/config_table.h"

namespace usher::config {

struct ConfigValue {
  std::string key;
  std::string value;    // as TOML writes it; may hold a password (shown_value)
  std::string section;  // "channel.namespaces.orders"; empty outside of such sections
  Reload reload = Reload::live;
};

// Returns the section of `key`: "channel.namespaces.orders" or "upstreams.board"; "" outside of such
// sections.
std::string section_of(std::string_view key);

std::vector<ConfigValue> values_of(const Config& config);

// Returns `value` without credentials and queries of the URLs in it: `redis://…@host/0`,
// `https://host/path?…`. For log lines, answers and terminals.
std::string shown_value(std::string_view value);

struct ConfigChange {
  std::string key;
  std::string from;  // shown_value(); kAbsent where a section is missing
  std::string to;
  bool needs_restart = false;
};
inline constexpr std::string_view kAbsent = "absent";
inline constexpr std::string_view kPresent = "present";

// Returns what differs, in the order of the table; a section that one side lacks comes last.
std::vector<ConfigChange> changes_between(const std::vector<ConfigValue>& running,
                                          const std::vector<ConfigValue>& wanted);

// Returns `wanted`, with the values of `running` where a change needs a restart.
Config without_restarts(Config wanted, const Config& running);

}  // namespace usher::config
