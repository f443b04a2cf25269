// Loads and checks the configuration of a subcommand, and explains every fault on stderr.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/config_load.h"
#include "config/config_sources.h"

namespace usher::apps {

struct ConfigRequest {
  std::string file;                   // empty: none
  std::vector<std::string> settings;  // key=value
  bool dev = false;
  std::string upstream;               // URL; empty: none
  std::optional<std::string> text{};  // of the file, if it has been read
};

// Loads and checks it, without a word on stderr: the faults and warnings are in the result.
// `pipes`: whether the file may be one.
config::LoadedConfig load_checked(const ConfigRequest& request,
                                  config::Pipes pipes = config::Pipes::read);

// Remembers the text of a configuration file that can be read once only, because it is a pipe
// (`--config <(…)`). Call it before the first load if others will follow.
void remember_pipe(ConfigRequest& request);

// Returns `nullopt` if the configuration cannot be used; stderr then says why. Warnings go to
// stderr too.
std::optional<config::Config> load_or_explain(std::string_view command,
                                              const ConfigRequest& request);

}  // namespace usher::apps
