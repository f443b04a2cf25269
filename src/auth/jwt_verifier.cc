#include "auth/jwt_verifier.h"

#include <algorithm>
#include <array>

#include "auth/jwt_claims.h"
#include "auth/jwt_header.h"
#include "base/bytes.h"
#include "base/check.h"

namespace usher::auth {
namespace {

constexpr std::size_t kNameBytesMax = 64;  // of what a token says, in explain()

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view input;  // what is signed: header, dot, payload
};

Result<Parts, TokenError> split(std::string_view token) {
  if (token.size() > kTokenBytesMax) return TokenError::too_long;
  const auto first = token.find('.');
  if (first == std::string_view::npos) return TokenError::not_three_parts;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos) return TokenError::not_three_parts;
  if (token.find('.', second + 1) != std::string_view::npos) return TokenError::not_three_parts;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

Result<std::string, TokenError> decode(std::string_view part) {
  auto bytes = from_base64url(part);
  if (!bytes || bytes->empty()) return TokenError::not_base64url;
  return std::move(*bytes);
}

// A name out of a token, fit for a terminal.
std::string printable(std::string_view name) {
  std::string text(name.substr(0, kNameBytesMax));
  for (char& c : text) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return text;
}

bool same_material(const Key& a, const Key& b) {
  return a.algorithm == b.algorithm && a.material->same_as(*b.material);
}

bool holds(const KeySet& set, const Key& key) {
  return std::any_of(set.keys().begin(), set.keys().end(),
                     [&](const Key& other) { return same_material(key, other); });
}

}  // namespace

JwtVerifier::JwtVerifier(JwtOptions options, const KeySet& issuer_keys, const KeySet& guest_keys)
    : options_(std::move(options)) {
  USHER_CHECK(options_.leeway >= std::chrono::seconds::zero());
  for (const KeySet* set : {&issuer_keys, &guest_keys}) {
    for (const Key& key : set->keys()) {
      const bool known = std::any_of(keys_.begin(), keys_.end(), [&](const TrustedKey& trusted) {
        return trusted.key.kid == key.kid && same_material(trusted.key, key);
      });
      // Roles go by what the key is, not by the name or the set that it was found under.
      if (!known) keys_.push_back({key, holds(issuer_keys, key), holds(guest_keys, key)});
    }
  }
}

Result<Claims, TokenError> JwtVerifier::verify(std::string_view token, WallTime now) const {
  return verify_expired_within(token, now, std::chrono::seconds::zero());
}

Result<Claims, TokenError> JwtVerifier::verify_expired_within(std::string_view token, WallTime now,
                                                              std::chrono::seconds window) const {
  const auto parts = split(token);
  if (!parts) return parts.error();
  const auto header_json = decode(parts->header);
  if (!header_json) return header_json.error();
  const auto signature = decode(parts->signature);
  if (!signature) return signature.error();
  const auto payload_json = decode(parts->payload);
  if (!payload_json) return payload_json.error();

  const auto header = read_header(*header_json);
  if (!header) return header.error();
  const auto signer = find_signer(parts->input, *signature, *header);
  if (!signer) return signer.error();
  const SignerRoles roles{(*signer)->issuer, (*signer)->guest};
  return read_claims(*payload_json, options_, roles, now, window);
}

Result<const JwtVerifier::TrustedKey*, TokenError> JwtVerifier::find_signer(
    std::string_view input, std::string_view signature, const JwtHeader& header) const {
  // A key of that name is the only candidate. Without one, keys without a name are: a PEM or a
  // secret has none to give.
  const bool named =
      header.kid && std::any_of(keys_.begin(), keys_.end(),
                                [&](const TrustedKey& k) { return k.key.kid == header.kid; });
  bool tried = false;
  for (const TrustedKey& trusted : keys_) {
    const bool candidate = !header.kid || trusted.key.kid == (named ? header.kid : std::nullopt);
    if (!candidate || trusted.key.algorithm != header.algorithm) continue;
    tried = true;
    if (trusted.key.material->verify(input, signature)) return &trusted;
  }
  if (!named && may_be_of_newer_key(header)) return TokenError::unknown_key;
  return tried ? TokenError::signature : TokenError::algorithm;
}

// Of a token that names none of our keys. An issuer with one key need not name it (OpenID Connect
// Core, section 10.1); it is only asked for what public keys verify.
bool JwtVerifier::may_be_of_newer_key(const JwtHeader& header) const {
  const auto is_issuer = [](const TrustedKey& trusted) { return trusted.issuer; };
  const bool have_names = std::any_of(keys_.begin(), keys_.end(), [](const TrustedKey& trusted) {
    return trusted.key.kid.has_value();
  });
  if (header.kid) {
    return options_.may_have_newer_keys || have_names ||
           std::none_of(keys_.begin(), keys_.end(), is_issuer);
  }
  return options_.may_have_newer_keys && !have_names &&
         kind_of(header.algorithm) != KeyKind::secret;
}

std::string JwtVerifier::explain(std::string_view token, TokenError error) const {
  const std::string reason(reason_of(error));
  const auto parts = split(token);
  const auto header_json = parts ? decode(parts->header) : parts.error();
  if (!header_json) return reason;
  switch (error) {
    case TokenError::algorithm:
      return explain_algorithm(*header_json);
    case TokenError::unknown_key: {
      const auto header = read_header(*header_json);
      return header && header->kid ? "no key has the token's kid '" + printable(*header->kid) + "'"
                                   : std::string(reason_of(TokenError::signature));
    }
    case TokenError::wrong_issuer:
      return "the token's iss is not '" + options_.issuer.value_or("") + "'";
    case TokenError::wrong_audience:
      return "the token's aud does not hold '" + options_.audience.value_or("") + "'";
    case TokenError::missing_session:
      return "the token has no claim " + options_.session_claim + " (and no sid), or an empty one";
    case TokenError::claim_malformed: {
      const auto payload_json = decode(parts->payload);
      const std::string_view name =
          payload_json ? malformed_claim_in(*payload_json, options_) : std::string_view();
      return name.empty() ? reason
                          : "the claim " + std::string(name) +
                                " has the wrong type, or is too long or out of range";
    }
    default:
      return reason;
  }
}

std::string JwtVerifier::explain_algorithm(std::string_view header_json) const {
  const auto header = read_header(header_json);
  if (!header) return "the token's algorithm is not one that is supported here";
  std::string known;
  for (const TrustedKey& trusted : keys_) {
    const std::string_view name = to_string(trusted.key.algorithm);
    if (header->kid && trusted.key.kid && trusted.key.kid != header->kid) continue;
    if (known.find(name) != std::string::npos) continue;
    known.append(known.empty() ? "" : " or ").append(name);
  }
  return "algorithm " + std::string(to_string(header->algorithm)) + " is not the key's algorithm" +
         (known.empty() ? "" : " ") + known;
}

std::string payload_of(std::string_view verified_token) {
  const auto parts = split(verified_token);
  USHER_CHECK(parts.has_value());
  auto json = decode(parts->payload);
  USHER_CHECK(json.has_value());
  return std::move(*json);
}

}  // namespace usher::auth
