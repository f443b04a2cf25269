#include "auth/jwt_claims.h"

#include <algorithm>

#include "auth/claim_path.h"
#include "auth/claim_selection.h"
#include "auth/claim_values.h"
#include "auth/jwt_json.h"

namespace usher::auth {
namespace {

using wire::JsonNode;
using wire::JsonType;

// One text with spaces between the names, as `scope` is written (RFC 6749 section 3.3).
bool read_scope(std::string_view text, std::size_t count_max, std::vector<std::string>& out) {
  if (has_control(text)) return false;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, std::min(text.find(' '), text.size()));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    if (name.empty()) continue;
    if (name.size() > kClaimBytesMax || out.size() == count_max) return false;
    out.emplace_back(name);
  }
  return true;
}

bool read_channels(const JsonNode& node, std::size_t count_max, std::vector<std::string>& out) {
  if (const auto text = node.string()) return read_scope(*text, count_max, out);
  if (!node.is_array() || node.size() > count_max) return false;
  out.reserve(node.size());
  for (const JsonNode& channel : node) {
    if (!read_name(channel, out.emplace_back()) || out.back().empty()) return false;
  }
  return true;
}

// `null` is the same as none.
bool read_info(const JsonNode& node, std::size_t bytes_max, std::string& out) {
  if (node.type() == JsonType::null) return true;
  if (node.raw().size() > bytes_max) return false;
  wire::append_single_line(out, node.raw());
  return true;
}

// The claims of one token, as nodes.
class Payload {
 public:
  Payload(const JsonNode& root, const JwtOptions& options) : root_(root), options_(options) {}

  // Whether it says that it is a guest's; what that is worth, its signer decides.
  bool says_guest() const {
    return root_.find("iss").string() == kGuestIssuer && root_.find("guest").boolean() == true;
  }

  // Fills `claims` and `not_before`. The name of the first claim that has a wrong type or is beyond
  // its bounds, else "".
  std::string_view read(bool guest, Claims& claims, std::optional<NumericDate>& not_before) const;

  Result<void, TokenError> check_issuer_and_audience() const {
    if (options_.issuer && root_.find("iss").string() != *options_.issuer) {
      return TokenError::wrong_issuer;
    }
    if (!options_.audience.empty() &&
        !names_one_of(find_claim(root_, options_.audience_claim), options_.audience)) {
      return TokenError::wrong_audience;
    }
    return {};
  }

  // Fails if a name becomes too long, or could be another issuer's.
  Result<void, TokenError> put_prefix(Claims& claims) const {
    for (std::string* const name : {&claims.session, &claims.user}) {
      if (const auto put = auth::put_prefix(options_, *name); !put) return put;
    }
    return {};
  }

 private:
  // What a guest's token holds, we have chosen; configured names are those of the issuer.
  std::string_view session_name(bool guest) const {
    if (guest) return "sessionId";
    for (const std::string& name : options_.session_claim) {
      if (find_claim(root_, name)) return name;
    }
    return "sid";
  }

  // A `sid` counts within its issuer only, and the two are told apart by a line feed: so both are
  // names. What is no text names no session: no provider can end it.
  bool read_sid(const JsonNode& node, std::string& out) const {
    std::string sid;
    std::string issuer;
    if (!node.string()) return true;
    if (!read_name(node, sid)) return false;
    if (sid.empty()) return true;
    if (const JsonNode iss = root_.find("iss"); iss && !read_name(iss, issuer)) return false;
    out = session_at(issuer, sid);
    return true;
  }

  const JsonNode& root_;
  const JwtOptions& options_;
};

std::string_view Payload::read(bool guest, Claims& claims,
                               std::optional<NumericDate>& not_before) const {
  std::string_view culprit;
  const auto read_with = [&](std::string_view name, auto reader) {
    const JsonNode node = find_claim(root_, name);
    if (node && culprit.empty() && !reader(node)) culprit = name;
  };
  const auto seconds_into = [](auto& out) {
    return [&out](const JsonNode& node) {
      const auto date = read_date(node);
      if (!date || node.number() < 0) return false;
      out = date->floor;
      return true;
    };
  };
  const auto name_into = [](std::string& out) {
    return [&out](const JsonNode& node) { return read_name(node, out); };
  };
  read_with("exp", seconds_into(claims.exp));
  read_with("nbf",
            [&](const JsonNode& node) { return (not_before = read_date(node)).has_value(); });
  read_with("iat", [&](const JsonNode& node) {
    if (const auto date = read_date(node)) claims.iat = date->floor;
    return node.type() == JsonType::number;
  });
  read_with("iss", [](const JsonNode& node) { return node.string().has_value(); });
  read_with(guest ? std::string_view("aud") : options_.audience_claim, is_audience);
  read_with("jti", name_into(claims.jti));
  read_with(session_name(guest), name_into(claims.session));
  read_with(guest ? std::string_view("channels") : options_.channels_claim,
            [&](const JsonNode& node) {
              return read_channels(node, options_.channels_per_token, claims.channels);
            });
  if (guest) {
    read_with("born", seconds_into(claims.born));
    return culprit;
  }
  read_with(options_.user_claim, name_into(claims.user));
  read_with("sid", [&](const JsonNode& node) { return read_sid(node, claims.sid); });
  read_with(options_.info_claim, [&](const JsonNode& node) {
    return read_info(node, options_.info_bytes, claims.info);
  });
  return culprit;
}

}  // namespace

Result<Claims, TokenError> read_claims(std::string_view json, const JwtOptions& options,
                                       SignerRoles signer, WallTime now,
                                       std::chrono::seconds guest_window) {
  using std::chrono::seconds;
  wire::JsonReader reader;
  const auto root = parse_json_object(reader, json, kJsonNodesMax);
  if (!root) return root.error();
  const Payload payload(*root, options);
  const bool guest = signer.guest && payload.says_guest();
  if (!guest && !signer.issuer) return TokenError::not_a_guest;
  if (is_security_event(*root)) return TokenError::type_refused;
  if (const auto channel = root->find("channel").string(); channel && !channel->empty()) {
    return TokenError::is_for_subscription;
  }

  Claims claims;
  std::optional<NumericDate> not_before;
  if (!root->find("exp")) return TokenError::no_expiry;
  if (!payload.read(guest, claims, not_before).empty()) return TokenError::claim_malformed;
  claims.guest = guest;
  if (!guest) {
    if (const auto checked = payload.check_issuer_and_audience(); !checked) return checked.error();
  }

  const auto since_epoch = now.time_since_epoch();
  if (not_before && since_epoch < seconds(not_before->ceil) - options.leeway) {
    return TokenError::not_yet_valid;
  }
  if (claims.iat && since_epoch < seconds(*claims.iat) - options.leeway) claims.iat.reset();
  const seconds grace = guest ? std::max(options.leeway, guest_window) : options.leeway;
  if (since_epoch >= seconds(claims.exp) + grace) return TokenError::expired;
  if (claims.session.empty()) return TokenError::missing_session;
  if (!guest) {
    if (const auto prefixed = payload.put_prefix(claims); !prefixed) return prefixed.error();
  }
  claims.claims = select_claims(*root, options.claims);
  return claims;
}

std::string_view malformed_claim_in(std::string_view json, const JwtOptions& options) {
  wire::JsonReader reader;
  const auto root = parse_json_object(reader, json, kJsonNodesMax);
  if (!root) return {};
  const Payload payload(*root, options);
  Claims claims;
  std::optional<NumericDate> not_before;
  return payload.read(/*guest=*/false, claims, not_before);
}

}  // namespace usher::auth
