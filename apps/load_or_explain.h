// A configuration from the command line's point of view: loaded, checked, and every fault explained
// on stderr.
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
};

// Nothing: it can't be used, and stderr says why. Warnings go to stderr too.
std::optional<config::Config> load_or_explain(std::string_view command,
                                              const ConfigRequest& request);

}  // namespace usher::apps
