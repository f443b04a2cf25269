#include "apps/load_or_explain.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>

#include "apps/command_line.h"
#include "config/config_check.h"
#include "config/config_load.h"

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

void remember_pipe(ConfigRequest& request) {
  std::error_code ignored;
  const auto status = std::filesystem::status(request.file, ignored);
  if (!exists(status) || is_regular_file(status) || is_directory(status)) return;
  auto text = read_file(request.file, kConfigBytesMax, config::Pipes::read);
  if (text) request.text = std::move(*text);
}

config::LoadedConfig load_checked(const ConfigRequest& request, config::Pipes pipes) {
  config::ConfigSources sources;
  sources.dev = request.dev;
  sources.upstream = request.upstream;
  sources.file_name = request.file;
  if (request.text) {
    sources.file_text = *request.text;
  } else if (!request.file.empty()) {
    auto text = read_file(request.file, kConfigBytesMax, pipes);
    if (!text) {
      config::LoadedConfig unread;
      unread.errors = {"the configuration file '" + request.file + "' " +
                       std::string(to_string(text.error()))};
      return unread;
    }
    sources.file_text = std::move(*text);
  }
  sources.environment = config::usher_environment();
  for (const std::string& setting : request.settings)
    sources.flags.push_back(config::split_setting(setting));

  config::LoadedConfig loaded = config::load_config(sources);
  if (!loaded.errors.empty()) return loaded;
  const config::ConfigFindings findings =
      check(loaded.config, config::gather_file_facts(loaded.config));
  std::ranges::copy(findings.warnings, std::back_inserter(loaded.warnings));
  loaded.errors = findings.errors;
  return loaded;
}

std::optional<config::Config> load_or_explain(std::string_view command,
                                              const ConfigRequest& request) {
  config::LoadedConfig loaded = load_checked(request);
  print(command, "warning", loaded.warnings);
  print(command, "error", loaded.errors);
  if (!loaded.errors.empty()) return std::nullopt;
  return std::move(loaded.config);
}

}  // namespace usher::apps
