#include "auth/logout_token.h"

#include "auth/claim_values.h"
#include "auth/claims.h"
#include "auth/jwt_json.h"

namespace usher::auth {
namespace {

constexpr std::string_view kLogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

// Absent is the same as empty.
bool read_optional(const wire::JsonNode& node, std::string& out) {
  return !node || read_name(node, out);
}

}  // namespace

Result<ProviderMessage, MessageFault> read_logout_token(std::string_view json, std::string_view typ,
                                                        const JwtOptions& options, WallTime now) {
  if (!typ.empty() && typ != "jwt" && typ != "logout+jwt") return MessageFault::wrong_type;
  wire::JsonReader reader;
  const auto root = parse_json_object(reader, json, kJsonNodesMax);
  if (!root) return MessageFault::not_json;
  const auto frame = read_frame(*root, options, now);
  if (!frame) return frame.error();
  if (!frame->exp) return MessageFault::no_expiry;
  if (!root->find("events").find(kLogoutEvent).is_object()) return MessageFault::no_event;
  if (root->find("nonce")) return MessageFault::has_nonce;

  std::string sid;
  std::string sub;
  if (!read_optional(root->find("sid"), sid) || !read_optional(root->find("sub"), sub)) {
    return MessageFault::claim_malformed;
  }
  if (sid.empty() && sub.empty()) return MessageFault::no_subject;
  const bool by_session = !sid.empty() && (sub.empty() || !options.logout_by_user);
  auto named = by_session ? session_of(*frame, sid) : user_of(options, "sub", sub, frame->iat);
  if (!named) return named.error();
  ProviderMessage message;
  message.id = session_at(frame->issuer, frame->jti);
  message.until = known_until(*frame, options, now);
  message.named.push_back(*std::move(named));
  return message;
}

}  // namespace usher::auth
