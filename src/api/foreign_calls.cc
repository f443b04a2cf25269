#include "api/foreign_calls.h"

#include <string>

#include "wire/utf8.h"

namespace usher::api {
namespace {

struct ForeignCall {
  std::string_view name;
  std::string_view why;
};

constexpr std::string_view kNoMaps =
    "This server has no map channels. Publish on a channel with history instead.";
constexpr std::string_view kNoPush =
    "This server sends no push notifications. Send them from your backend.";
constexpr std::string_view kNoStatus =
    "This server keeps no status of users. POST /api/presence tells who is on a channel.";
constexpr std::string_view kRevoke =
    "This server has POST /api/revoke instead, for a user, a session or a token's jti.";

// Those of Centrifugo 6.9, PRO included, in the order of its api.proto.
constexpr ForeignCall kForeignCalls[] = {
    {"rpc", "This server runs no code of yours. Call your backend over HTTP."},
    {"connections", "This server has GET /api/sessions instead, for a user or session."},
    {"update_user_status", kNoStatus},
    {"get_user_status", kNoStatus},
    {"delete_user_status", kNoStatus},
    {"block_user", kRevoke},
    {"unblock_user", "This server's revocations end with their ttl. A new login gets in at once."},
    {"revoke_token", kRevoke},
    {"invalidate_user_tokens", kRevoke},
    {"device_register", kNoPush},
    {"device_update", kNoPush},
    {"device_remove", kNoPush},
    {"device_list", kNoPush},
    {"device_topic_list", kNoPush},
    {"device_topic_update", kNoPush},
    {"user_topic_list", kNoPush},
    {"user_topic_update", kNoPush},
    {"send_push_notification", kNoPush},
    {"update_push_status", kNoPush},
    {"cancel_push", kNoPush},
    {"map_publish", kNoMaps},
    {"map_remove", kNoMaps},
    {"map_read_state", kNoMaps},
    {"map_read_stream", kNoMaps},
    {"map_stats", kNoMaps},
    {"map_clear", kNoMaps},
    {"shared_poll_publish", "This server has no shared poll channels."},
};

constexpr std::size_t kShownBytesMax = 64;

}  // namespace

std::string_view why_not_here(std::string_view name) {
  for (const ForeignCall& call : kForeignCalls) {
    if (call.name == name) return call.why;
  }
  return {};
}

ApiError unknown_call(std::string_view name) {
  std::string detail = "'";
  detail.append(wire::utf8_prefix(name, kShownBytesMax)).append("' is not a call of this server");
  if (const auto why = why_not_here(name); !why.empty()) detail.append(". ").append(why);
  return {wire::ProtocolError::method_not_found, std::move(detail)};
}

}  // namespace usher::api
