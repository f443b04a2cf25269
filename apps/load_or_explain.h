// Loads and checks the configuration of a subcommand, and explains every fault on stderr.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace usher::apps {

struct ConfigRequest {
  std::string file;                   // empty: none
  std::vector<std::string> settings;  // key=value
  bool dev = false;
  std::string upstream;  // URL; empty: none
};

// Returns `nullopt` if the configuration cannot be used; stderr then says why. Warnings go to
// stderr too.
std::optional<config::Config> load_or_explain(std::string_view command,
                                              const ConfigRequest& request);

}  // namespace usher::apps
