#include "apps/load_or_explain.h"

#include <cstdio>

#include "apps/command_line.h"
#include "config/config_check.h"
#include "config/config_load.h"
#include "config/config_sources.h"

namespace usher::apps {
namespace {

constexpr std::size_t kConfigBytesMax = 256 * 1024;

void print(std::string_view command, const char* kind, const std::vector<std::string>& sentences) {
  for (const std::string& sentence : sentences) {
    std::fprintf(stderr, "usher %.*s: %s: %s\n", static_cast<int>(command.size()), command.data(),
                 kind, sentence.c_str());
  }
}

}  // namespace

std::optional<config::Config> load_or_explain(std::string_view command,
                                              const ConfigRequest& request) {
  config::ConfigSources sources;
  sources.dev = request.dev;
  sources.upstream = request.upstream;
  sources.file_name = request.file;
  if (!request.file.empty()) {
    auto text = read_file(request.file, kConfigBytesMax, config::Pipes::read);
    if (!text) {
      fail(command,
           "the configuration file '" + request.file + "' " + std::string(to_string(text.error())));
      return std::nullopt;
    }
    sources.file_text = std::move(*text);
  }
  sources.environment = config::usher_environment();
  for (const std::string& setting : request.settings)
    sources.flags.push_back(config::split_setting(setting));

  config::LoadedConfig loaded = config::load_config(sources);
  print(command, "warning", loaded.warnings);
  print(command, "error", loaded.errors);
  if (!loaded.errors.empty()) return std::nullopt;

  const config::ConfigFindings findings =
      check(loaded.config, config::gather_file_facts(loaded.config));
  print(command, "warning", findings.warnings);
  print(command, "error", findings.errors);
  if (!findings.errors.empty()) return std::nullopt;
  return std::move(loaded.config);
}

}  // namespace usher::apps
