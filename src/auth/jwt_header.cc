#include "auth/jwt_header.h"

#include "auth/jwt_json.h"
#include "base/ascii.h"
#include "base/check.h"

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

bool may_be(TokenKind kind, std::string_view typ) {
  switch (kind) {
    case TokenKind::access:
      return typ == "jwt" || typ == "at+jwt";
    case TokenKind::logout:
      return typ == "jwt" || typ == "logout+jwt";
    case TokenKind::security_event:
      return typ == "secevent+jwt";
  }
  USHER_CHECK(false);
}

}  // namespace

std::string short_type(std::string_view typ) {
  constexpr std::string_view kApplication = "application/";
  if (starts_with_ignoring_case(typ, kApplication)) typ.remove_prefix(kApplication.size());
  return to_lower(typ);
}

Result<JwtHeader, TokenError> read_header(std::string_view json, TokenKind kind) {
  wire::JsonReader reader;
  const auto root = parse_json_object(reader, json, kNodesMax);
  if (!root) return root.error();
  for (const JsonNode& member : *root) {
    if (is_refused(member.name())) return TokenError::header_refused;
  }

  JwtHeader header{};
  if (const JsonNode typ = root->find("typ")) {
    const auto text = typ.string();
    if (!text) return TokenError::header_malformed;
    header.typ = short_type(*text);
    if (!may_be(kind, header.typ)) return TokenError::type_refused;
  }
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
