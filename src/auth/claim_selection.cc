#include "auth/claim_selection.h"

#include <algorithm>

namespace usher::auth {

std::string select_claims(const wire::JsonNode& object, std::span<const std::string> names) {
  std::string json;
  if (names.empty()) return json;
  for (const wire::JsonNode& claim : object) {
    if (std::find(names.begin(), names.end(), claim.name()) == names.end()) continue;
    json.append(json.empty() ? "{" : ",");
    wire::append_json_string(json, claim.name());
    json.push_back(':');
    wire::append_single_line(json, claim.raw());
  }
  if (!json.empty()) json.push_back('}');
  return json;
}

std::string select_claims(std::string_view json, std::span<const std::string> names) {
  if (json.empty() || names.empty()) return {};
  wire::JsonReader reader;
  // Two levels, so that values may be as deep as those of a call of the server API.
  const auto root = reader.parse(json, {.open_levels = 2, .nodes_max = json.size()});
  return root && root->is_object() ? select_claims(*root, names) : std::string();
}

}  // namespace usher::auth
