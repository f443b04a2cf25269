// Builds a Config from file, environment and flags. The later source wins: TOML, then USHER_…
// variables, then flags.
//
// Pure: it reads no file and no environment (config_sources.h does), so the same text always gives
// the same Config and the same sentences. It collects all faults, not only the first.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"

namespace usher::config {

using Settings = std::vector<std::pair<std::string, std::string>>;

struct ConfigSources {
  std::string file_name;  // for messages
  std::string file_text;  // TOML; empty: no file
  Settings environment;   // variables by name; names other than USHER_* are ignored
  Settings flags;         // values by key, as --set key=value gives them
  bool dev = false;       // --dev: other defaults
  std::string upstream;   // --upstream: the URL of one more [[upstreams]]; empty: none
};

struct LoadedConfig {
  Config config;
  std::vector<std::string> errors;  // sentences; if not empty, usher must not start
  std::vector<std::string> warnings;
};

LoadedConfig load_config(const ConfigSources& sources);

// Returns "client.ping_interval=10s" as an element of ConfigSources::flags. Without '=' the value
// is empty.
std::pair<std::string, std::string> split_setting(std::string_view text);

}  // namespace usher::config
