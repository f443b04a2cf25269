// The objects that replies and pushes consist of (protocol_reply.h), and the functions that write
// them.
//
// The rules of protocol_reply.h for members, escapes and raw arguments hold here too.
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "wire/protocol_error.h"

namespace usher::wire {

class JsonObjectWriter;

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
  std::uint32_t ping_s = 0;  // 0: WebSocket pings instead; then `ping` and `pong` are left out
  bool pong = false;
  bool expires = false;
  std::uint32_t ttl_s = 0;
  std::string_view node;
  std::uint32_t reconnect_spread_ms = 0;
  std::string_view data;  // raw, or ""
  std::string_view subs;  // made by append_connect_sub()
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

// Adds one member to `subs` (see ConnectResult::subs). Requires: each channel is added once.
void append_connect_sub(std::string& subs, std::string_view channel, const SubscribeResult& result);
void append_connect_sub(std::string& subs, std::string_view channel, ProtocolError error);
// For an error that a backend's hook returned.
void append_connect_sub(std::string& subs, std::string_view channel, std::uint32_t code,
                        std::string_view message, bool temporary);

// The server API's results use these two as well.
void append_publication(std::string& out, const Publication& publication);
void append_client_info(std::string& out, const ClientInfo& info);
std::string_view to_string(RecoveryGap gap);

// Appends a LF if `out` already holds a message.
void begin_message(std::string& out);

void append_publications(JsonObjectWriter& object, std::span<const Publication> publications);
void append_subscribe_result(std::string& out, const SubscribeResult& result);
void append_connect_result(std::string& out, const ConnectResult& result);
void append_error(std::string& out, std::uint32_t code, std::string_view message, bool temporary);

}  // namespace usher::wire
