// Why a token was refused.
//
// The errors are fine-grained for tests and for the operator (`usher checktoken`). The peer is told
// only code_of().
#pragma once

#include <cstdint>
#include <string_view>

namespace usher::auth {

enum class TokenError : std::uint8_t {
  // The form of the token.
  too_long,          // more than kTokenBytesMax
  not_three_parts,   // not exactly two dots; an encrypted token (JWE) has four
  not_base64url,     // a part is empty, or not the canonical encoding of its bytes
  not_json,          // header or payload is not a JSON object
  duplicate_member,  // in header or payload, at any depth
  // The header and the signature.
  header_malformed,  // `alg` missing, or a known member of the wrong type
  header_refused,    // `crit`, `b64`, or a member that carries a key
  type_refused,      // `typ` is not one that such a token may have; or it is a logout token
  algorithm,         // not supported (such as `none`), or not the key's
  unknown_key,       // its `kid` is missing or unknown; a newer key set may have the key
  signature,
  // The claims, checked only after the signature has been verified.
  claim_malformed,  // a claim of the wrong type, or beyond its bounds
  no_expiry,
  wrong_issuer,  // with several issuers, checked before the signature: it chooses the keys
  wrong_audience,
  not_yet_valid,  // `nbf` is in the future
  not_a_guest,    // not a guest's token, but signed by a guest key or sent for renewal
  expired,
  missing_session,  // the session claim is absent or empty
  foreign_name,     // session or user begin with the prefix of another issuer
  // Subscription tokens (subscription_token.h).
  is_for_subscription,  // it has a `channel`, and is shown for a connection
  no_channel,           // the other way round
  override_refused,     // it has `override`
};

// The `code` of a refusal with status 401, as in the contract.
enum class TokenCode : std::uint8_t { invalid_token, token_expired, missing_session };

TokenCode code_of(TokenError error);
std::string_view to_string(TokenCode code);  // "INVALID_TOKEN"

// Returns a short sentence without a full stop. It contains nothing from the token.
std::string_view reason_of(TokenError error);

}  // namespace usher::auth
