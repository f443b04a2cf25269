#include "config/config_file.h"

#include <toml++/toml.h>

#include <algorithm>

#include "config/config_table.h"

namespace usher::config {
namespace {

using Kind = Value::Kind;

std::string place(std::string_view file_name, const toml::source_region& source) {
  return std::string(file_name) + ":" + std::to_string(source.begin.line) + ":" +
         std::to_string(source.begin.column);
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out.push_back(c >= 0x20 && c < 0x7f ? c : '?');
  return out;
}

bool holds_only_strings(const toml::array& array) {
  return std::ranges::all_of(array, [](const toml::node& item) { return item.is_string(); });
}

bool holds_only_tables(const toml::node& node) {
  const auto* const array = node.as_array();
  return array != nullptr &&
         std::ranges::all_of(*array, [](const toml::node& item) { return item.is_table(); });
}

Value to_value(const toml::node& node) {
  if (node.is_table()) return {Kind::table, "", {}};
  if (const auto* text = node.as_string()) return {Kind::string, text->get(), {}};
  if (const auto* truth = node.as_boolean())
    return {Kind::boolean, truth->get() ? "true" : "false", {}};
  if (const auto* number = node.as_integer())
    return {Kind::integer, std::to_string(number->get()), {}};
  const auto* const array = node.as_array();
  if (array == nullptr || !holds_only_strings(*array)) return {Kind::other, "", {}};
  Value list{Kind::list, "", {}};
  for (const toml::node& item : *array) list.items.push_back(item.as_string()->get());
  return list;
}

class Flattener {
 public:
  Flattener(std::string_view file_name, ConfigFile& file) : file_name_(file_name), file_(file) {}

  void table(const std::string& prefix, const toml::table& table, std::vector<Setting>& out) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + printable(key.str());
      if (name == kNamespaces && holds_only_tables(node)) {
        entries(*node.as_array(), file_.namespaces);
      } else if (name == kIssuers && holds_only_tables(node)) {
        entries(*node.as_array(), file_.issuers);
      } else if (name == kUpstreams && holds_only_tables(node)) {
        entries(*node.as_array(), file_.upstreams);
      } else if (const auto* inner = node.as_table(); inner != nullptr && !inner->empty()) {
        this->table(name + ".", *inner, out);
      } else {
        out.push_back({name, to_value(node), place(file_name_, key.source()), items_of(node)});
      }
    }
  }

 private:
  std::vector<std::string> items_of(const toml::node& node) const {
    std::vector<std::string> places;
    if (const auto* const array = node.as_array()) {
      for (const toml::node& item : *array) places.push_back(place(file_name_, item.source()));
    }
    return places;
  }

  void entries(const toml::array& array, std::vector<SectionEntry>& out) {
    for (const toml::node& item : array) {
      SectionEntry entry{{}, place(file_name_, item.source())};
      table("", *item.as_table(), entry.settings);
      out.push_back(std::move(entry));
    }
  }

  std::string_view file_name_;
  ConfigFile& file_;
};

}  // namespace

ConfigFile parse_config_file(std::string_view file_name, std::string_view text) {
  ConfigFile file;
  try {
    const toml::table root = toml::parse(text, file_name);
    Flattener(file_name, file).table("", root, file.settings);
  } catch (const toml::parse_error& error) {
    file.errors.push_back(place(file_name, error.source()) +
                          ": this is no TOML: " + printable(error.description()));
  }
  return file;
}

}  // namespace usher::config
