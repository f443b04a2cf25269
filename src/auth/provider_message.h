// What an identity provider says when it ends a session: a logout token, or a security event. This
// header has the parts that both kinds share.
//
// Threads: none. Plain values and functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt_options.h"
#include "auth/revocations.h"
#include "base/result.h"
#include "base/wall_clock.h"
#include "wire/json.h"

namespace usher::auth {

// Why a message whose signature is good is refused.
enum class MessageFault : std::uint8_t {
  not_json,          // the payload is no JSON object, or has a member twice
  claim_malformed,   // a claim of the wrong type, or beyond its bounds
  wrong_type,        // `typ` is that of another kind of token
  not_enabled,       // the issuer has no logout_audience
  wrong_audience,    // `aud` holds none of the issuer's logout_audience
  no_iat,            // `iat` is missing
  issued_in_future,  // `iat` is ahead by more than the leeway
  no_expiry,         // a logout token without `exp`
  expired,
  no_jti,           // `jti` is missing or empty
  no_subject,       // it names neither a session nor a user
  no_event,         // `events` is missing or no object, or a logout token's does not have its event
  has_nonce,        // a logout token with `nonce`, as ID tokens have
  subject_unknown,  // the subject is of a format that names no session, user or token of usher
  foreign_subject,  // the subject belongs to another issuer
};

// Returns a short sentence without a full stop. It contains nothing from the message.
std::string_view reason_of(MessageFault fault);

// Whom a message names.
struct NamedByProvider {
  RevokedBy by;
  std::string name;
  // Of a user, tokens that were issued no later are meant. Unix seconds of the issuer's clock.
  std::int64_t revoked_at = 0;
  friend bool operator==(const NamedByProvider&, const NamedByProvider&) = default;
};

// A good message.
struct ProviderMessage {
  std::string id;          // `jti` and its issuer, to tell a second one
  std::int64_t until = 0;  // when such a message cannot be good any more. Unix seconds
  std::vector<NamedByProvider> named;
  std::vector<std::string> ignored;  // types of events that usher does not know
};

// The claims that both kinds have: audience, times, `jti`. `exp` may be absent here.
struct MessageFrame {
  std::string issuer;
  std::string jti;
  std::int64_t iat = 0;
  std::optional<std::int64_t> exp;
};
Result<MessageFrame, MessageFault> read_frame(const wire::JsonNode& root, const JwtOptions& options,
                                              WallTime now);

// Returns the issuer's session or user as usher names it. The user is `sub`, so it can be named only
// if user_claim is `sub`.
Result<NamedByProvider, MessageFault> session_of(const MessageFrame& frame, std::string_view sid);
Result<NamedByProvider, MessageFault> user_of(const JwtOptions& options, std::string_view claim,
                                              std::string_view value, std::int64_t revoked_at);

// Until when a message of this frame must be known, so that it does not count twice.
std::int64_t known_until(const MessageFrame& frame, const JwtOptions& options, WallTime now);

}  // namespace usher::auth
