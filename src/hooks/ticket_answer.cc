#include "hooks/ticket_answer.h"

#include <algorithm>
#include <array>

#include "auth/claim_selection.h"
#include "auth/claim_values.h"
#include "auth/jwt_options.h"
#include "base/check.h"
#include "hooks/hook_answer.h"

namespace usher::hooks {
namespace {

using Fault = TicketAnswerFault;
using auth::Claims;
using ticket::BackendRefusal;
using wire::JsonNode;

constexpr std::string_view kUserSession = "user:";
constexpr std::int64_t kExpiresInMax = std::int64_t{10} * 366 * 24 * 3600;  // ten years
constexpr std::size_t kCodeBytesMax = 64;
constexpr std::size_t kMessageBytesMax = 1024;

template <std::size_t N>
bool has_only(const JsonNode& object, const std::array<std::string_view, N>& names) {
  for (const JsonNode& member : object) {
    if (is_given(member) && std::ranges::find(names, member.name()) == names.end()) return false;
  }
  return true;
}

bool read_name(const JsonNode& node, std::string& out) {
  return !is_given(node) || auth::read_name(node, out);
}

Result<void, Fault> read_names(const JsonNode& root, Claims& claims) {
  if (!read_name(root.find("session"), claims.session)) return Fault::bad_name;
  if (!read_name(root.find("user"), claims.user)) return Fault::bad_name;
  if (claims.session.empty()) {
    if (claims.user.empty()) return Fault::no_name;
    claims.session = std::string(kUserSession) + claims.user;
    if (claims.session.size() > auth::kClaimBytesMax) return Fault::bad_name;
  }
  return {};
}

bool read_channels(const JsonNode& node, std::size_t count_max, std::vector<std::string>& out) {
  if (!is_given(node)) return true;
  if (!node.is_array() || node.size() > count_max) return false;
  for (const JsonNode& channel : node) {
    if (!auth::read_name(channel, out.emplace_back()) || out.back().empty()) return false;
  }
  return true;
}

bool read_claims(const JsonNode& node, const TicketAnswerLimits& limits, std::string& out) {
  if (!is_given(node)) return true;
  if (!node.is_object()) return false;
  for (const JsonNode& claim : node) {
    if (std::ranges::find(limits.claims, claim.name()) == limits.claims.end()) return false;
  }
  out = auth::select_claims(node, limits.claims);
  return out.size() <= limits.claims_bytes_max;
}

Result<Claims, Fault> read_grant(const JsonNode& root, std::int64_t now,
                                 const TicketAnswerLimits& limits) {
  constexpr std::array<std::string_view, 6> kMembers = {"session", "user",   "channels",
                                                        "info",    "claims", "expires_in"};
  if (!has_only(root, kMembers)) return Fault::unknown_member;
  Claims claims;
  if (const auto named = read_names(root, claims); !named) return named.error();
  if (!read_channels(root.find("channels"), limits.channels_per_token, claims.channels)) {
    return Fault::bad_channels;
  }
  if (const JsonNode info = root.find("info"); is_given(info)) {
    if (info.raw().size() > limits.info_bytes) return Fault::bad_info;
    wire::append_single_line(claims.info, info.raw());
  }
  if (!read_claims(root.find("claims"), limits, claims.claims)) return Fault::bad_claims;
  const auto expires_in = root.find("expires_in").integer();
  if (!expires_in || *expires_in < 1 || *expires_in > kExpiresInMax) return Fault::bad_expiry;
  claims.exp = now + *expires_in;
  return claims;
}

bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= kCodeBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<BackendRefusal, Fault> read_refusal(const JsonNode& error) {
  constexpr std::array<std::string_view, 3> kMembers = {"status", "code", "message"};
  if (!error.is_object() || !has_only(error, kMembers)) return Fault::bad_error;
  const auto status = error.find("status").integer();
  if (status != 401 && status != 403) return Fault::bad_error;
  BackendRefusal refusal{.status = static_cast<int>(*status), .code = {}, .message = {}};
  if (const JsonNode code = error.find("code"); is_given(code)) {
    if (!code.string() || !is_code(*code.string())) return Fault::bad_error;
    refusal.code = *code.string();
  }
  if (const JsonNode message = error.find("message"); is_given(message)) {
    if (!message.string() || message.string()->size() > kMessageBytesMax) return Fault::bad_error;
    refusal.message = *message.string();
  }
  return refusal;
}

// Frameworks have bodies of their own for these: a body that does not say more is no fault.
BackendRefusal read_bare_refusal(int status, std::string_view body, wire::JsonReader& json) {
  BackendRefusal bare{.status = status, .code = {}, .message = {}};
  const auto root = json.parse(body, {.open_levels = 2});
  if (!root || !root->is_object()) return bare;
  auto said = read_refusal(root->find("error"));
  return said && said->status == status ? std::move(*said) : bare;
}

}  // namespace

std::string_view reason_of(Fault fault) {
  switch (fault) {
    case Fault::redirect:
      return "a redirect, as to a login page: the hook must answer 401 instead";
    case Fault::status:
      return "the status is not 200, 401 or 403";
    case Fault::malformed:
      return "the body is not a JSON object";
    case Fault::unknown_member:
      return "the answer has a member besides session, user, channels, info, claims and expires_in";
    case Fault::no_name:
      return "the answer has neither 'session' nor 'user'";
    case Fault::bad_name:
      return "'session' or 'user' is not a string of at most 255 bytes without control characters "
             "(250 for a user without a session)";
    case Fault::bad_channels:
      return "'channels' is not an array of names, or has more than limits.channels_per_token";
    case Fault::bad_info:
      return "'info' is longer than limits.info_bytes";
    case Fault::bad_claims:
      return "'claims' is not an object, is longer than ticket.claims_bytes, or has a name that "
             "neither ticket.claims nor an upstream lists";
    case Fault::bad_expiry:
      return "'expires_in' is not a whole number of seconds from 1 to ten years";
    case Fault::bad_error:
      return "'error' is not {\"status\":401 or 403,\"code\":…,\"message\":…}";
  }
  USHER_CHECK(false);
}

Result<TicketSaid, Fault> read_ticket_answer(int status, std::string_view body, std::int64_t now,
                                             const TicketAnswerLimits& limits,
                                             wire::JsonReader& json) {
  if (status == 401 || status == 403) return TicketSaid(read_bare_refusal(status, body, json));
  if (status >= 300 && status <= 399) return Fault::redirect;
  if (status != 200) return Fault::status;
  const auto root = json.parse(body, {.open_levels = 2, .closed_member = "info"});
  if (!root || !root->is_object()) return Fault::malformed;
  if (const JsonNode error = root->find("error"); is_given(error)) {
    if (!has_only(*root, std::array<std::string_view, 1>{"error"})) return Fault::bad_error;
    auto refusal = read_refusal(error);
    if (!refusal) return refusal.error();
    return TicketSaid(std::move(*refusal));
  }
  auto claims = read_grant(*root, now, limits);
  if (!claims) return claims.error();
  return TicketSaid(std::move(*claims));
}

}  // namespace usher::hooks
