// What usher says: replies and pushes of the Centrifugo client protocol in its JSON form
// (docs/protocol.md).
//
// Each append_…() adds one JSON object to `out`, and a LF before it if `out` is not empty: so what
// is appended in a row is one frame of several messages. Members whose value is zero, false or ""
// are left out, as Centrifugo does; members of our own stand last. Strings are escaped here and
// must be valid UTF-8; arguments called raw (`data`, `conn_info`, `tags`) must be valid JSON on one
// line (json.h).
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "wire/protocol_error.h"

namespace usher::wire {

struct ClientInfo {
  std::string_view user;
  std::string_view client;
  std::string_view conn_info;  // raw, or ""
  std::string_view chan_info;  // raw, or ""
};

struct Publication {
  std::string_view data;             // raw
  std::uint64_t offset = 0;          // 0: the channel keeps no history
  const ClientInfo* info = nullptr;  // of the client that published; none for the server API
  std::string_view tags;             // raw object of strings, or ""
};

// Why a subscription could not be recovered.
enum class RecoveryGap : std::uint8_t { none, epoch_changed, trimmed, limit };

struct SubscribeResult {
  bool expires = false;
  std::uint32_t ttl_s = 0;
  bool recoverable = false;
  std::string_view epoch;
  std::span<const Publication> publications;  // missed ones, oldest first
  bool recovered = false;
  std::uint64_t offset = 0;  // the channel's position
  bool positioned = false;
  std::string_view data;  // raw, or ""
  bool was_recovering = false;
  RecoveryGap gap = RecoveryGap::none;
  bool pending = false;  // waits for the backend to bind the channel
};

struct ConnectResult {
  std::string_view client;
  std::string_view session;
  std::string_view version;
  std::uint32_t ping_s = 0;  // 0: WebSocket pings instead; then neither `ping` nor `pong` is said
  bool pong = false;
  bool expires = false;
  std::uint32_t ttl_s = 0;
  std::string_view node;
  std::uint32_t reconnect_spread_ms = 0;
  std::string_view data;  // raw, or ""
  std::string_view subs;  // what append_connect_sub() made
};

struct RefreshResult {
  std::string_view client;
  std::string_view version;
  bool expires = false;
  std::uint32_t ttl_s = 0;
};

struct HistoryResult {
  std::span<const Publication> publications;
  std::string_view epoch;
  std::uint64_t offset = 0;
};

// Adds one member to `subs` (see ConnectResult::subs): each channel once.
void append_connect_sub(std::string& subs, std::string_view channel, const SubscribeResult& result);
void append_connect_sub(std::string& subs, std::string_view channel, ProtocolError error);

// Replies.
void append_connect_reply(std::string& out, std::uint32_t id, const ConnectResult& result);
void append_subscribe_reply(std::string& out, std::uint32_t id, const SubscribeResult& result);
void append_unsubscribe_reply(std::string& out, std::uint32_t id);
void append_publish_reply(std::string& out, std::uint32_t id);
void append_presence_reply(std::string& out, std::uint32_t id, std::span<const ClientInfo> clients);
void append_presence_stats_reply(std::string& out, std::uint32_t id, std::uint32_t clients,
                                 std::uint32_t users);
void append_history_reply(std::string& out, std::uint32_t id, const HistoryResult& result);
void append_ping_reply(std::string& out, std::uint32_t id);
void append_rpc_reply(std::string& out, std::uint32_t id, std::string_view data);
void append_refresh_reply(std::string& out, std::uint32_t id, const RefreshResult& result);
void append_error_reply(std::string& out, std::uint32_t id, ProtocolError error);
// For an error that a backend's hook made up.
void append_error_reply(std::string& out, std::uint32_t id, std::uint32_t code,
                        std::string_view message, bool temporary);

// Pushes.
void append_connect_push(std::string& out, const ConnectResult& result);
void append_publication_push(std::string& out, std::string_view channel,
                             const Publication& publication);
void append_join_push(std::string& out, std::string_view channel, const ClientInfo& info);
void append_leave_push(std::string& out, std::string_view channel, const ClientInfo& info);
// The server has subscribed the client. All of `result` but publications (pushes of their own
// follow), expiry and pending.
void append_subscribe_push(std::string& out, std::string_view channel,
                           const SubscribeResult& result);
void append_unsubscribe_push(std::string& out, std::string_view channel, std::uint32_t code,
                             std::string_view reason);
void append_refresh_push(std::string& out, bool expires, std::uint32_t ttl_s);

struct DisconnectPush {
  std::uint16_t code = 0;  // the close frame behind it carries the same
  std::string_view reason;
  bool reconnect = false;
  std::uint32_t retry_after_ms = 0;  // 0: not said
  bool place = false;                // retry_after_ms is a place in a queue
};
void append_disconnect_push(std::string& out, const DisconnectPush& push);

// The objects alone, for the server API's results.
void append_publication(std::string& out, const Publication& publication);
void append_client_info(std::string& out, const ClientInfo& info);
std::string_view to_string(RecoveryGap gap);

}  // namespace usher::wire
