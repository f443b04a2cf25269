#include "config/config_load.h"

#include <algorithm>

#include "config/config_file.h"
#include "config/config_table.h"
#include "config/nearest_key.h"
#include "config/upstream_url.h"

namespace usher::config {
namespace {

constexpr std::size_t kShownBytesMax = 60;

template <class Owner>
const Key<Owner>* find_key(std::span<const Key<Owner>> keys, std::string_view name) {
  const auto found = std::ranges::find(keys, name, &Key<Owner>::name);
  return found == keys.end() ? nullptr : &*found;
}

template <class Owner>
std::vector<std::string_view> names_of(std::span<const Key<Owner>> keys) {
  std::vector<std::string_view> names;
  for (const Key<Owner>& key : keys) names.push_back(key.name);
  return names;
}

std::string unknown_key(std::string_view name, std::span<const std::string_view> known) {
  const auto meant = nearest_key(name, known);
  return "unknown key '" + std::string(name) + "'" +
         (meant ? "; did you mean '" + std::string(*meant) + "'?"
                : "; docs/configuration.md has them all");
}

// ", not …": the value that was found instead, if it can be shown in one line.
std::string instead_of(const Value& value) {
  using Kind = Value::Kind;
  if (value.kind == Kind::list) return ", not a list";
  if (value.kind == Kind::table) return ", not a section";
  if (value.kind == Kind::other) return "";
  const std::string_view text = std::string_view(value.text).substr(0, kShownBytesMax);
  std::string shown;
  for (const char c : text) shown.push_back(c >= 0x20 && c < 0x7f ? c : '?');
  const bool quote = value.kind == Kind::string || value.kind == Kind::bare;
  return quote ? ", not '" + shown + "'" : ", not " + shown;
}

bool is_empty_section(const Setting& setting) {
  return setting.value.kind == Value::Kind::table &&
         std::ranges::any_of(config_keys(), [&](const auto& key) {
           return key.name.starts_with(setting.key + ".");
         });
}

class Loader {
 public:
  explicit Loader(LoadedConfig& loaded) : loaded_(loaded) {}

  void file(const ConfigFile& file) {
    std::ranges::copy(file.errors, std::back_inserter(loaded_.errors));
    for (const Setting& setting : file.settings) config_setting(setting);
    for (const SectionEntry& entry : file.namespaces) {
      add_entry(kNamespaces, "a namespace must have a name", entry, namespace_keys(),
                loaded_.config.channel.namespaces);
    }
    for (const SectionEntry& entry : file.issuers) {
      add_entry(kIssuers, "an entry of jwt.issuers must have an issuer: the iss of its tokens",
                entry, issuer_keys(), loaded_.config.jwt.issuers);
    }
    for (const SectionEntry& entry : file.upstreams) {
      add_entry(kUpstreams, "an upstream must have a name", entry, upstream_keys(),
                loaded_.config.upstreams);
    }
  }

  void environment(const Settings& variables) {
    for (const auto& [variable, text] : variables) {
      if (!variable.starts_with("USHER_")) continue;
      const auto keys = config_keys();
      const auto found = std::ranges::find(
          keys, variable, [](const auto& key) { return environment_name(key.name); });
      if (found == keys.end()) {
        unknown_variable(variable);
      } else {
        config_setting({std::string(found->name), {Value::Kind::bare, text, {}}, variable});
      }
    }
  }

  void flags(const Settings& flags) {
    for (const auto& [key, text] : flags) {
      config_setting({key, {Value::Kind::bare, text, {}}, "--set " + key});
    }
  }

 private:
  void config_setting(const Setting& setting) {
    const auto* const key = find_key(config_keys(), setting.key);
    if (setting.key == kNamespaces) {
      error(setting, "write each namespace as a [[channel.namespaces]] section");
    } else if (setting.key == kIssuers || setting.key.starts_with("jwt.issuers.")) {
      error(setting, "write each issuer as a [[jwt.issuers]] section");
    } else if (setting.key == kUpstreams || setting.key.starts_with("upstreams.")) {
      error(setting, "write each upstream as an [[upstreams]] section");
    } else if (key == nullptr) {
      auto known = names_of(config_keys());
      known.push_back(kNamespaces);
      known.push_back(kIssuers);
      known.push_back(kUpstreams);
      if (!is_empty_section(setting)) error(setting, unknown_key(setting.key, known));
    } else {
      set(*key, loaded_.config, setting);
      loaded_.config.places.set(setting.key, setting.where, setting.items_where);
    }
  }

  // Each entry must have the first of its keys: its name. `nameless`: the fault if it has not.
  template <class Owner>
  void add_entry(std::string_view section, std::string_view nameless, const SectionEntry& entry,
                 std::span<const Key<Owner>> keys, std::vector<Owner>& owners) {
    Owner owner;
    bool named = false;
    const std::size_t index = owners.size();
    loaded_.config.places.set(ConfigPlaces::entry_key(section, index), entry.where);
    for (const Setting& setting : entry.settings) {
      const auto* const key = find_key(keys, setting.key);
      if (key == nullptr) {
        error(setting, unknown_key(setting.key, names_of(keys)));
      } else {
        set(*key, owner, setting);
        loaded_.config.places.set(ConfigPlaces::entry_key(section, index, setting.key),
                                  setting.where);
        named = named || setting.key == keys.front().name;
      }
    }
    if (!named) {
      loaded_.errors.push_back(entry.where + ": " + std::string(nameless));
    }
    owners.push_back(std::move(owner));
  }

  template <class Owner>
  void set(const Key<Owner>& key, Owner& owner, const Setting& setting) {
    if (const auto expected = key.set(owner, setting.value, key.range)) {
      error(setting, std::string(key.name) + " must be " + *expected + instead_of(setting.value));
    }
  }

  void unknown_variable(const std::string& variable) {
    std::vector<std::string> names;
    for (const auto& key : config_keys()) names.push_back(environment_name(key.name));
    const std::vector<std::string_view> known(names.begin(), names.end());
    const auto meant = nearest_key(variable, known);
    loaded_.warnings.push_back("the environment variable " + variable + " is no key of ours" +
                               (meant ? "; did you mean " + std::string(*meant) + "?" : ""));
  }

  void error(const Setting& setting, std::string sentence) {
    loaded_.errors.push_back(setting.where + ": " + std::move(sentence));
  }

  LoadedConfig& loaded_;
};

// A URL that is none leads to a fault of its own, later (upstream_check.h).
UpstreamConfig upstream_at(const std::string& text) {
  UpstreamConfig upstream;
  upstream.name = "upstream";
  upstream.url = text;
  const auto url = parse_upstream_url(text);
  upstream.path = url ? path_for_upstream(*url) : "/upstream";
  return upstream;
}

}  // namespace

LoadedConfig load_config(const ConfigSources& sources) {
  LoadedConfig loaded;
  loaded.config.places = ConfigPlaces(sources.file_name);
  if (sources.dev) {
    loaded.config.dev = true;
    loaded.config.guest.enabled = true;
    loaded.config.client.allowed_origins.emplace();  // dev lets pages of this machine in by itself
  }
  Loader loader(loaded);
  loader.file(parse_config_file(sources.file_name, sources.file_text));
  loader.environment(sources.environment);
  loader.flags(sources.flags);
  if (!sources.upstream.empty()) loaded.config.upstreams.push_back(upstream_at(sources.upstream));
  return loaded;
}

std::pair<std::string, std::string> split_setting(std::string_view text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  return {std::string(text.substr(0, equals)),
          std::string(text.substr(std::min(equals + 1, text.size())))};
}

}  // namespace usher::config
