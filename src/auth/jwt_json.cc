#include "auth/jwt_json.h"

namespace usher::auth {

Result<wire::JsonNode, TokenError> parse_json_object(wire::JsonReader& reader,
                                                     std::string_view text, std::size_t nodes_max) {
  const wire::JsonShape shape{
      .open_levels = wire::kJsonDepthMax, .closed_member = {}, .nodes_max = nodes_max};
  const auto root = reader.parse(text, shape);
  if (!root) {
    return root.error() == wire::JsonError::duplicate_member ? TokenError::duplicate_member
                                                             : TokenError::not_json;
  }
  if (!root->is_object()) return TokenError::not_json;
  return *root;
}

}  // namespace usher::auth
