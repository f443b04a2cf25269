#include "auth/subscription_token.h"

#include <algorithm>
#include <utility>

#include "auth/claim_path.h"
#include "auth/claim_values.h"
#include "auth/jwt_json.h"
#include "base/bytes.h"

namespace usher::auth {
namespace {

using wire::JsonNode;
using wire::JsonType;

constexpr std::size_t kChannelBytesMax = 1024;  // the hub has the real bound
constexpr std::size_t kDataBytesMax = kTokenBytesMax;

// RFC 4648 section 4, with its padding or without.
std::optional<std::string> from_base64(std::string_view text) {
  std::string url(text.substr(0, text.find('=')));
  const std::size_t padding = text.size() - url.size();
  if (padding > 2 || (padding > 0 && text.size() % 4 != 0)) return std::nullopt;
  if (text.find_first_not_of('=', url.size()) != std::string_view::npos) return std::nullopt;
  std::replace(url.begin(), url.end(), '+', '-');
  std::replace(url.begin(), url.end(), '/', '_');
  return from_base64url(url);
}

// The claims of one token. Each function returns false if a claim has a wrong type or is beyond its
// bounds; `null` is the same as none.
class SubscriptionClaims {
 public:
  SubscriptionClaims(const JsonNode& root, const JwtOptions& options)
      : root_(root), options_(options) {}

  JsonNode find(std::string_view name) const {
    const JsonNode node = root_.find(name);
    return node && node.type() != JsonType::null ? node : JsonNode();
  }

  bool text_into(const JsonNode& node, std::size_t bytes_max, std::string& out) const {
    if (!node || node.type() == JsonType::null) return true;
    const auto text = node.string();
    if (!text || text->size() > bytes_max || has_control(*text)) return false;
    out = *text;
    return true;
  }

  // `info`, or in its place `b64info`: JSON in base64, as Centrifugo's libraries write it.
  bool json_into(std::string_view name, std::string_view b64_name, std::size_t bytes_max,
                 std::string& out) const {
    const JsonNode encoded = find(b64_name);
    if (!encoded) {
      const JsonNode plain = find(name);
      if (plain.raw().size() > bytes_max) return false;
      wire::append_single_line(out, plain.raw());
      return true;
    }
    const auto text = encoded.string();
    const auto json = text ? from_base64(*text) : std::nullopt;
    wire::JsonReader reader;
    if (!json || json->size() > bytes_max || !reader.is_valid(*json)) return false;
    wire::append_single_line(out, *json);
    return true;
  }

  bool date_into(std::string_view name, std::optional<NumericDate>& out) const {
    const JsonNode node = find(name);
    if (!node) return true;
    out = read_date(node);
    return out.has_value() && node.number() >= 0;
  }

  Result<void, TokenError> check_issuer_and_audience() const {
    if (options_.issuer && root_.find("iss").string() != *options_.issuer) {
      return TokenError::wrong_issuer;
    }
    if (options_.audience.empty()) return {};
    const JsonNode audience = find_claim(root_, options_.audience_claim);
    return names_one_of(audience, options_.audience) ? Result<void, TokenError>()
                                                     : TokenError::wrong_audience;
  }

 private:
  const JsonNode& root_;
  const JwtOptions& options_;
};

// `expire_at` of 0 lasts, whatever `exp` is.
std::optional<std::int64_t> end_of(const std::optional<NumericDate>& expire_at,
                                   const std::optional<NumericDate>& exp, WallTime now) {
  if (expire_at) return expire_at->floor == 0 ? std::nullopt : std::optional(expire_at->floor);
  if (!exp) return std::nullopt;
  return std::max(exp->floor, unix_seconds(now) + 1);
}

}  // namespace

Result<SubscriptionToken, TokenError> read_subscription(std::string_view json,
                                                        const JwtOptions& options, WallTime now) {
  using std::chrono::seconds;
  wire::JsonReader reader;
  const auto root = parse_json_object(reader, json, kJsonNodesMax);
  if (!root) return root.error();
  const SubscriptionClaims claims(*root, options);
  SubscriptionToken token;
  std::optional<NumericDate> exp;
  std::optional<NumericDate> not_before;
  std::optional<NumericDate> issued;
  std::optional<NumericDate> expire_at;
  const bool good =
      claims.text_into(find_claim(*root, options.user_claim), kClaimBytesMax, token.user) &&
      claims.text_into(claims.find("channel"), kChannelBytesMax, token.channel) &&
      claims.text_into(claims.find("client"), kClaimBytesMax, token.client) &&
      claims.text_into(claims.find("jti"), kClaimBytesMax, token.jti) &&
      claims.date_into("iat", issued) &&
      claims.json_into("info", "b64info", options.info_bytes, token.info) &&
      claims.json_into("data", "b64data", kDataBytesMax, token.data) &&
      claims.date_into("exp", exp) && claims.date_into("nbf", not_before) &&
      claims.date_into("expire_at", expire_at);
  if (!good) return TokenError::claim_malformed;
  // What it asks for is not done here. To pass it over would give more than was meant.
  if (is_security_event(*root)) return TokenError::type_refused;
  if (claims.find("override")) return TokenError::override_refused;
  if (const auto checked = claims.check_issuer_and_audience(); !checked) return checked.error();

  const auto since_epoch = now.time_since_epoch();
  if (not_before && since_epoch < seconds(not_before->ceil) - options.leeway) {
    return TokenError::not_yet_valid;
  }
  if (exp && since_epoch >= seconds(exp->floor) + options.leeway) return TokenError::expired;
  if (token.channel.empty()) return TokenError::no_channel;
  if (const auto prefixed = put_prefix(options, token.user); !prefixed) return prefixed.error();
  // As with access tokens: an `iat` in the future would outlive a revocation.
  if (issued && since_epoch >= seconds(issued->floor) - options.leeway) token.iat = issued->floor;
  token.expire_at = end_of(expire_at, exp, now);
  return token;
}

Result<SubscriptionToken, TokenError> verify_subscription(const IssuerTable& issuers,
                                                          std::string_view token, WallTime now) {
  const auto payload = issuers.verify_signature(token);
  if (!payload) return payload.error();
  if (!payload->signer.issuer) return TokenError::not_a_guest;
  return read_subscription(payload->json, payload->options, now);
}

}  // namespace usher::auth
