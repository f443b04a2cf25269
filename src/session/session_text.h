// The texts that tell a client that it is connected, and when its credential ends
// (docs/protocol.md).
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "edge/session.h"
#include "hub/hub.h"
#include "session/dependencies.h"
#include "session/held_credential.h"

namespace usher::session {

struct ConnectFacts {
  edge::Endpoint endpoint = edge::Endpoint::ws;
  std::uint32_t command_id = 0;  // of the `connect` command
  std::string_view client;
  bool protocol_pings = true;  // else WebSocket pings, which the text does not mention
};

// The connect push on /ws, the reply to `connect` on /connection/websocket.
std::string connect_text(const SessionOptions& options, const HeldCredential& held,
                         const ConnectFacts& facts, const hub::Joined& joined, TimePoint now);

// The reply to the `refresh` command `id`.
std::string refresh_reply(const SessionOptions& options, const HeldCredential& held,
                          std::uint32_t id, std::string_view client, TimePoint now);

// The push after the backend has changed the end.
std::string refresh_push(const HeldCredential& held, TimePoint now);

}  // namespace usher::session
