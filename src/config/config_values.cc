#include "config/config_values.h"

#include <algorithm>
#include <map>

namespace usher::config {
namespace {

const std::string& name_of(const hub::NamespaceOptions& space) { return space.name; }
const std::string& name_of(const UpstreamConfig& upstream) { return upstream.name; }
const std::string& name_of(const IssuerConfig& issuer) { return issuer.issuer; }

template <class Owner>
void append_section(std::vector<ConfigValue>& values, std::string_view table,
                    std::span<const Key<Owner>> keys, const Owner& owner) {
  const std::string section =
      std::string(table) + "." + (name_of(owner).empty() ? "\"\"" : name_of(owner));
  for (const Key<Owner>& key : keys) {
    if (key.name == "name" || key.name == "issuer") continue;
    values.push_back({section + "." + std::string(key.name), key.get(owner), section, key.reload});
  }
}

bool is_off(std::string_view value) { return value == "\"\"" || value == "[]"; }

bool needs_restart(Reload reload, std::string_view from, std::string_view to) {
  switch (reload) {
    case Reload::live:
      return false;
    case Reload::on_off:
      return is_off(from) != is_off(to);
    case Reload::restart:
      return true;
  }
  return true;
}

// Returns the text between the quotes of a TOML string.
std::string shown_text(std::string_view text) {
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) return std::string(text);
  std::string shown(text.substr(0, mark + 3));
  text.remove_prefix(mark + 3);
  // A password may hold any character, so the last '@' is where it certainly has ended.
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    shown += "…@";
    text.remove_prefix(at + 1);
  }
  // Some backends keep a secret in the path.
  const std::size_t path = text.find_first_of("/?#");
  shown += text.substr(0, path);
  if (path != std::string_view::npos) shown += "/…";
  return shown;
}

using ByKey = std::map<std::string_view, const ConfigValue*>;

ByKey by_key(const std::vector<ConfigValue>& values) {
  ByKey map;
  for (const ConfigValue& value : values) map.emplace(value.key, &value);
  return map;
}

std::vector<std::string_view> sections_of(const std::vector<ConfigValue>& values) {
  std::vector<std::string_view> sections;
  for (const ConfigValue& value : values) {
    if (value.section.empty()) continue;
    if (sections.empty() || sections.back() != value.section) sections.push_back(value.section);
  }
  return sections;
}

void append_missing_sections(std::vector<ConfigChange>& changes,
                             const std::vector<std::string_view>& there,
                             const std::vector<std::string_view>& here, std::string_view from,
                             std::string_view to) {
  for (const std::string_view section : there) {
    if (std::ranges::find(here, section) != here.end()) continue;
    const bool is_live = section.starts_with(kIssuers);
    changes.push_back({std::string(section), std::string(from), std::string(to), !is_live});
  }
}

}  // namespace

std::string section_of(std::string_view key) {
  for (const std::string_view table : {kNamespaces, kIssuers, kUpstreams}) {
    if (!key.starts_with(table) || key.size() == table.size()) continue;
    return std::string(key.substr(0, key.rfind('.')));
  }
  return {};
}

std::vector<ConfigValue> values_of(const Config& config) {
  std::vector<ConfigValue> values;
  for (const auto& key : config_keys()) {
    values.push_back({std::string(key.name), key.get(config), {}, key.reload});
  }
  for (const auto& space : config.channel.namespaces) {
    append_section(values, kNamespaces, namespace_keys(), space);
  }
  for (const auto& issuer : config.jwt.issuers) {
    append_section(values, kIssuers, issuer_keys(), issuer);
  }
  for (const auto& upstream : config.upstreams) {
    append_section(values, kUpstreams, upstream_keys(), upstream);
  }
  return values;
}

std::string shown_value(std::string_view value) {
  std::string shown;
  while (!value.empty()) {
    const std::size_t open = std::min(value.find('"'), value.size());
    shown += value.substr(0, open);
    value.remove_prefix(open);
    if (value.empty()) break;
    std::size_t close = 1;
    while (close < value.size() && value[close] != '"') close += value[close] == '\\' ? 2 : 1;
    close = std::min(close, value.size());
    shown += '"' + shown_text(value.substr(1, close - 1));
    if (close < value.size()) shown += '"';
    value.remove_prefix(std::min(close + 1, value.size()));
  }
  return shown;
}

std::vector<ConfigChange> changes_between(const std::vector<ConfigValue>& running,
                                          const std::vector<ConfigValue>& wanted) {
  std::vector<ConfigChange> changes;
  const ByKey there = by_key(running);
  for (const ConfigValue& value : wanted) {
    const auto found = there.find(value.key);
    if (found == there.end()) continue;  // its section is new, or the node knows no such key
    const ConfigValue& before = *found->second;
    if (before.value == value.value) continue;
    changes.push_back({value.key, shown_value(before.value), shown_value(value.value),
                       needs_restart(value.reload, before.value, value.value)});
  }
  const auto here = sections_of(wanted);
  const auto elsewhere = sections_of(running);
  append_missing_sections(changes, here, elsewhere, kAbsent, kPresent);
  append_missing_sections(changes, elsewhere, here, kPresent, kAbsent);
  return changes;
}

Config without_restarts(Config wanted, const Config& running) {
  for (const auto& key : config_keys()) {
    if (needs_restart(key.reload, key.get(running), key.get(wanted))) key.copy(wanted, running);
  }
  wanted.channel.namespaces = running.channel.namespaces;
  wanted.upstreams = running.upstreams;
  return wanted;
}

}  // namespace usher::config
