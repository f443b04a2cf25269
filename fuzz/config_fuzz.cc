// Any bytes as a configuration: a TOML file, and behind a NUL settings as flags and environment
// give them, one a line.
//
// Whatever comes: sentences of one line, never a crash; and what was understood can be written down
// and read again without a change.
#include <algorithm>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "config/config_check.h"
#include "config/config_load.h"
#include "config/config_table.h"

namespace {

using namespace usher::config;

Settings settings_of(std::string_view text) {
  Settings settings;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    settings.push_back(split_setting(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return settings;
}

void check_sentences(const std::vector<std::string>& sentences) {
  for (const std::string& sentence : sentences) {
    USHER_CHECK(!sentence.empty() && sentence.find('\n') == std::string::npos);
  }
}

// Strings are left out: writing them is for the documentation, and does not escape all that TOML
// asks for.
bool can_be_read_again(const std::string& written) {
  return written != "unset" &&
         std::ranges::all_of(written, [](char c) { return c >= 0x20 && c < 0x7f && c != '\\'; });
}

void check_round_trip(const Config& config) {
  ConfigSources again;
  for (const auto& key : config_keys()) {
    const std::string written = key.get(config);
    if (!can_be_read_again(written)) continue;
    again.file_text.append(key.name).append(" = ").append(written).append("\n");
  }
  const LoadedConfig loaded = load_config(again);
  USHER_CHECK(loaded.errors.empty());
  for (const auto& key : config_keys()) {
    if (!can_be_read_again(key.get(config))) continue;
    USHER_CHECK(key.get(loaded.config) == key.get(config));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t nul = std::min(text.find('\0'), text.size());
  ConfigSources sources;
  sources.file_name = "fuzz.toml";
  sources.file_text = text.substr(0, nul);
  sources.flags = settings_of(text.substr(std::min(nul + 1, text.size())));
  sources.environment = sources.flags;

  const LoadedConfig loaded = load_config(sources);
  check_sentences(loaded.errors);
  if (!loaded.errors.empty()) return 0;
  const ConfigFindings findings = check(loaded.config, {});
  check_sentences(findings.errors);
  check_round_trip(loaded.config);
  return 0;
}
