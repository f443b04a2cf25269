// A TOML file as a flat list of settings, each with its place. This is the only unit that uses
// toml++.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config_value.h"

namespace usher::config {

struct Setting {
  std::string key;  // "client.ping_interval"; unprintable bytes are escaped
  Value value;
  std::string where;                          // "usher.toml:12:3"
  std::vector<std::string> items_where = {};  // of each entry, if the value is a list
};

// One [[channel.namespaces]], [[jwt.issuers]] or [[upstreams]]; its settings' keys are without that prefix.
struct SectionEntry {
  std::vector<Setting> settings;
  std::string where;
};

struct ConfigFile {
  std::vector<Setting> settings;
  std::vector<SectionEntry> namespaces;
  std::vector<SectionEntry> issuers;
  std::vector<SectionEntry> upstreams;

  std::vector<std::string> errors;  // faults of the TOML, with their places
};

ConfigFile parse_config_file(std::string_view file_name, std::string_view text);

}  // namespace usher::config
