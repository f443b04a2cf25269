#include "auth/jwt_header.h"

#include "auth/jwt_json.h"
#include "base/ascii.h"

namespace usher::auth {
namespace {

using wire::JsonNode;

// A header comes before any signature is checked, so it may not cost much.
constexpr std::size_t kNodesMax = 64;

// Members that change what is signed (`crit`, `b64`), or offer the key to verify with (RFC 8725
// section 3.10). Not ignored, though the RFC would let us: nobody who asks for such a thing should
// believe that it was granted.
bool is_refused(std::string_view name) {
  return name == "crit" || name == "b64" || name == "jwk" || name == "jku" || name == "x5u" ||
         name == "x5c";
}

// The media types of access tokens (RFC 7519 section 5.1, RFC 9068 section 2.1). Their names ignore
// case, and `application/` may be left out (RFC 7515 section 4.1.9).
bool is_token_type(std::string_view typ) {
  constexpr std::string_view kApplication = "application/";
  if (starts_with_ignoring_case(typ, kApplication)) {
    typ.remove_prefix(kApplication.size());
  }
  return equal_ignoring_case(typ, "jwt") || equal_ignoring_case(typ, "at+jwt");
}

}  // namespace

Result<JwtHeader, TokenError> read_header(std::string_view json) {
  wire::JsonReader reader;
  const auto root = parse_json_object(reader, json, kNodesMax);
  if (!root) return root.error();
  for (const JsonNode& member : *root) {
    if (is_refused(member.name())) return TokenError::header_refused;
  }

  if (const JsonNode typ = root->find("typ")) {
    const auto text = typ.string();
    if (!text) return TokenError::header_malformed;
    if (!is_token_type(*text)) return TokenError::type_refused;
  }
  JwtHeader header{};
  if (const JsonNode kid = root->find("kid")) {
    const auto text = kid.string();
    if (!text) return TokenError::header_malformed;
    header.kid = *text;
  }
  const auto name = root->find("alg").string();
  if (!name) return TokenError::header_malformed;
  const auto algorithm = algorithm_from(*name);
  if (!algorithm) return TokenError::algorithm;
  header.algorithm = *algorithm;
  return header;
}

}  // namespace usher::auth
