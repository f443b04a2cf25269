#include "auth/provider_message.h"

#include <algorithm>

#include "auth/claim_values.h"
#include "auth/claims.h"
#include "base/check.h"

namespace usher::auth {
namespace {

// A message that does not end by itself is known for so long.
constexpr std::int64_t kKnownSeconds = 24 * 3600;

}  // namespace

std::string_view reason_of(MessageFault fault) {
  switch (fault) {
    case MessageFault::not_json:
      return "the payload is not a JSON object, or has a member twice";
    case MessageFault::claim_malformed:
      return "a claim has the wrong type, is too long or out of range";
    case MessageFault::wrong_type:
      return "typ is that of another kind of token";
    case MessageFault::not_enabled:
      return "logout_audience of the issuer is empty";
    case MessageFault::wrong_audience:
      return "aud holds none of the issuer's logout_audience";
    case MessageFault::no_iat:
      return "iat is missing";
    case MessageFault::issued_in_future:
      return "iat is in the future by more than the leeway";
    case MessageFault::no_expiry:
      return "exp is missing";
    case MessageFault::expired:
      return "exp has passed";
    case MessageFault::no_jti:
      return "jti is missing";
    case MessageFault::no_subject:
      return "neither sid nor sub names a session or user";
    case MessageFault::no_event:
      return "events is not an object with an event of this kind";
    case MessageFault::has_nonce:
      return "nonce is present, as in an ID token";
    case MessageFault::subject_unknown:
      return "the subject's format names no session, user or token here";
    case MessageFault::foreign_subject:
      return "the subject belongs to another issuer";
  }
  USHER_CHECK(false);
}

Result<MessageFrame, MessageFault> read_frame(const wire::JsonNode& root, const JwtOptions& options,
                                              WallTime now) {
  using std::chrono::seconds;
  if (options.logout_audience.empty()) return MessageFault::not_enabled;
  MessageFrame frame;
  if (!read_name(root.find("iss"), frame.issuer)) return MessageFault::claim_malformed;
  const wire::JsonNode audience = root.find("aud");
  if (audience && !is_audience(audience)) return MessageFault::claim_malformed;
  if (!names_one_of(audience, options.logout_audience)) return MessageFault::wrong_audience;

  if (!root.find("iat")) return MessageFault::no_iat;
  const auto iat = read_date(root.find("iat"));
  if (!iat) return MessageFault::claim_malformed;
  frame.iat = iat->floor;
  const auto since_epoch = now.time_since_epoch();
  if (since_epoch < seconds(iat->ceil) - options.leeway) return MessageFault::issued_in_future;
  if (const wire::JsonNode exp = root.find("exp")) {
    const auto date = read_date(exp);
    if (!date) return MessageFault::claim_malformed;
    if (since_epoch >= seconds(date->floor) + options.leeway) return MessageFault::expired;
    frame.exp = date->floor;
  }

  if (!root.find("jti")) return MessageFault::no_jti;
  if (!read_name(root.find("jti"), frame.jti)) return MessageFault::claim_malformed;
  if (frame.jti.empty()) return MessageFault::no_jti;
  return frame;
}

Result<NamedByProvider, MessageFault> session_of(const MessageFrame& frame, std::string_view sid) {
  return NamedByProvider{RevokedBy::sid, session_at(frame.issuer, sid), frame.iat};
}

Result<NamedByProvider, MessageFault> user_of(const JwtOptions& options, std::string_view claim,
                                              std::string_view value, std::int64_t revoked_at) {
  if (options.user_claim != claim) return MessageFault::subject_unknown;
  std::string user = options.user_prefix + std::string(value);
  if (user.size() > kClaimBytesMax) return MessageFault::claim_malformed;
  for (const std::string& prefix : options.foreign_prefixes) {
    if (user.starts_with(prefix)) return MessageFault::foreign_subject;
  }
  return NamedByProvider{RevokedBy::user, std::move(user), revoked_at};
}

std::int64_t known_until(const MessageFrame& frame, const JwtOptions& options, WallTime now) {
  const std::int64_t most = unix_seconds(now) + kKnownSeconds;
  return frame.exp ? std::min(*frame.exp + options.leeway.count() + 1, most) : most;
}

}  // namespace usher::auth
