#include "auth/jwt_error.h"

#include "base/check.h"

namespace usher::auth {

TokenCode code_of(TokenError error) {
  switch (error) {
    case TokenError::expired:
      return TokenCode::token_expired;
    case TokenError::missing_session:
      return TokenCode::missing_session;
    case TokenError::too_long:
    case TokenError::not_three_parts:
    case TokenError::not_base64url:
    case TokenError::not_json:
    case TokenError::duplicate_member:
    case TokenError::header_malformed:
    case TokenError::header_refused:
    case TokenError::type_refused:
    case TokenError::algorithm:
    case TokenError::unknown_key:
    case TokenError::signature:
    case TokenError::claim_malformed:
    case TokenError::no_expiry:
    case TokenError::wrong_issuer:
    case TokenError::wrong_audience:
    case TokenError::not_yet_valid:
    case TokenError::not_a_guest:
    case TokenError::foreign_name:
    case TokenError::is_for_subscription:
    case TokenError::no_channel:
    case TokenError::override_refused:
      return TokenCode::invalid_token;
  }
  USHER_CHECK(false);
}

std::string_view to_string(TokenCode code) {
  switch (code) {
    case TokenCode::invalid_token:
      return "INVALID_TOKEN";
    case TokenCode::token_expired:
      return "TOKEN_EXPIRED";
    case TokenCode::missing_session:
      return "MISSING_SESSION";
  }
  USHER_CHECK(false);
}

std::string_view reason_of(TokenError error) {
  switch (error) {
    case TokenError::too_long:
      return "the token is longer than 8 KiB";
    case TokenError::not_three_parts:
      return "a signed token is three parts with two dots between them";
    case TokenError::not_base64url:
      return "a part of the token is empty or not canonical base64url";
    case TokenError::not_json:
      return "the token's header or payload is not a JSON object";
    case TokenError::duplicate_member:
      return "the token's header or payload has the same member twice";
    case TokenError::header_malformed:
      return "the token's header has no alg, or a member of the wrong type";
    case TokenError::header_refused:
      return "the token's header has a member that is never accepted (crit, b64, jwk, jku, x5*)";
    case TokenError::type_refused:
      return "the token's typ is not that of an access token";
    case TokenError::algorithm:
      return "the token's algorithm is not the key's algorithm";
    case TokenError::unknown_key:
      return "the token's kid names no key that is known here";
    case TokenError::signature:
      return "the signature is not by a key that is known here";
    case TokenError::claim_malformed:
      return "a claim has the wrong type, or is too long or out of range";
    case TokenError::no_expiry:
      return "the token has no exp claim";
    case TokenError::wrong_issuer:
      return "the token's iss is not the configured issuer";
    case TokenError::wrong_audience:
      return "the token's aud does not hold the configured audience";
    case TokenError::not_yet_valid:
      return "the token's nbf lies in the future";
    case TokenError::not_a_guest:
      return "this is not a guest's token";
    case TokenError::expired:
      return "the token has expired";
    case TokenError::is_for_subscription:
      return "the token has a channel claim: it is for a subscription, and opens no connection";
    case TokenError::no_channel:
      return "the token has no channel claim: it is for no subscription";
    case TokenError::override_refused:
      return "the claim override is not supported";
    case TokenError::missing_session:
      return "the token names no session";
    case TokenError::foreign_name:
      return "the token's session or user begins with the user_prefix of another issuer";
  }
  USHER_CHECK(false);
}

}  // namespace usher::auth
