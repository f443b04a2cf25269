// Writes the replies and pushes of the Centrifugo client protocol in its JSON form
// (docs/protocol.md).
//
// Each append_…() adds one JSON object to `out`, and a LF before it if `out` is not empty. So
// objects appended in a row form one frame of several messages. Members whose value is zero, false
// or "" are left out, as Centrifugo does; usher's own members stand last. Strings are escaped here
// and must be valid UTF-8. Raw arguments (`data`, `conn_info`, `tags`) must be valid JSON on one
// line (json_text.h).
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "wire/protocol_error.h"
#include "wire/protocol_result.h"

namespace usher::wire {

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
void append_sub_refresh_reply(std::string& out, std::uint32_t id, bool expires,
                              std::uint32_t ttl_s);
void append_error_reply(std::string& out, std::uint32_t id, ProtocolError error);
// For an error that a backend's hook returned.
void append_error_reply(std::string& out, std::uint32_t id, std::uint32_t code,
                        std::string_view message, bool temporary);

// Pushes.
void append_connect_push(std::string& out, const ConnectResult& result);
void append_publication_push(std::string& out, std::string_view channel,
                             const Publication& publication);
void append_join_push(std::string& out, std::string_view channel, const ClientInfo& info);
void append_leave_push(std::string& out, std::string_view channel, const ClientInfo& info);
// The server has subscribed the client. Writes all of `result` except publications (their own
// pushes follow), expiry and pending.
void append_subscribe_push(std::string& out, std::string_view channel,
                           const SubscribeResult& result);
void append_unsubscribe_push(std::string& out, std::string_view channel, std::uint32_t code,
                             std::string_view reason);
void append_refresh_push(std::string& out, bool expires, std::uint32_t ttl_s);

struct DisconnectPush {
  std::uint16_t code = 0;  // the close frame that follows has the same code
  std::string_view reason;
  bool reconnect = false;
  std::uint32_t retry_after_ms = 0;  // 0: left out
  bool place = false;                // retry_after_ms is a place in a queue
};
void append_disconnect_push(std::string& out, const DisconnectPush& push);

}  // namespace usher::wire
