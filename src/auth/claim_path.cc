#include "auth/claim_path.h"

namespace usher::auth {

wire::JsonNode find_claim(const wire::JsonNode& object, std::string_view path) {
  if (const wire::JsonNode whole = object.find(path)) return whole;
  for (auto dot = path.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = path.rfind('.', dot - 1)) {
    const wire::JsonNode inner = object.find(path.substr(0, dot));
    if (!inner.is_object()) continue;
    if (const wire::JsonNode found = find_claim(inner, path.substr(dot + 1))) return found;
  }
  return {};
}

}  // namespace usher::auth
