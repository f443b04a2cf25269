// Why a token was refused.
//
// Fine-grained for tests and for the operator at `usher checktoken`; the peer learns code_of() and
// nothing more.
#pragma once

#include <cstdint>
#include <string_view>

namespace usher::auth {

enum class TokenError : std::uint8_t {
  // What it looks like.
  too_long,          // over kTokenBytesMax
  not_three_parts,   // anything but two dots; an encrypted token (JWE) has four
  not_base64url,     // a part that is not the one canonical encoding of its bytes, or is empty
  not_json,          // header or payload is not a JSON object
  duplicate_member,  // in header or payload, at any depth
  // What its header asks for.
  header_malformed,  // `alg` missing, or a known member of the wrong type
  header_refused,    // `crit`, `b64`, or a member that brings its own key
  type_refused,      // `typ` is neither JWT nor at+jwt, with or without `application/`
  algorithm,         // not one of ours (`none`), or not the key's
  unknown_key,       // it names no key that we have, or none: a newer key set may know it
  signature,
  // What it says, looked at only behind a good signature.
  claim_malformed,  // a claim of the wrong type, or beyond its bounds
  no_expiry,
  wrong_issuer,
  wrong_audience,
  not_yet_valid,  // `nbf` lies in the future
  not_a_guest,    // a guest key signed it, or its renewal was asked for, and it is no guest's token
  expired,
  missing_session,  // the session claim is absent or empty
};

// The contract's `code` of a refusal, with its 401.
enum class TokenCode : std::uint8_t { invalid_token, token_expired, missing_session };

TokenCode code_of(TokenError error);
std::string_view to_string(TokenCode code);  // "INVALID_TOKEN"

// A short sentence without a final stop. Holds nothing of the token.
std::string_view reason_of(TokenError error);

}  // namespace usher::auth
