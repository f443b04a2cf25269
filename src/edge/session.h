// One WebSocket connection above its socket: what it is told, and what it may do.
//
// A Session decides; its Outlet carries out. The shell (net/connection.h) tells it what came in and
// what time it is, and wakes it at the deadline that it asked for. Nothing that a session does
// through its outlet calls back into it, so a session is never entered twice. What must happen
// after the present call, because it changes a state that is being changed, happens in a turn of
// the session's own: see Outlet::wake().
//
// Threads: both belong to one shard.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "wire/close_code.h"
#include "wire/shared_frame.h"
#include "wire/ws_handshake.h"

namespace usher::edge {

class Outlet {
 public:
  // Each appends to what will be sent when the loop's turn ends, in order. After close(): nothing.
  virtual void send_text(std::string_view payload) = 0;
  virtual void send_binary(std::string_view payload) = 0;
  virtual void send_frame(const wire::SharedFrame& frame) = 0;
  virtual void send_ping() = 0;  // a WebSocket ping, for peers that do not know our own

  // A close frame behind what has been sent; then the socket's writing side is closed, and what
  // still comes is thrown away. The session hears on_closed() later, and nothing else.
  virtual void close(const wire::CloseReason& reason) = 0;

  // Calls Session::on_turn() soon, when nothing else of this shard runs. Until then no message is
  // handed to the session.
  virtual void wake() = 0;

  // No message is handed to the session until its next on_turn(), for which it must call wake().
  virtual void pause() = 0;

  // The peer reads what it is sent. False: too much waits for it already (half of
  // ShardOptions::outbox_bytes_max), so what it asks for should wait too; wake() happens by itself
  // when there is room again.
  virtual bool has_room() = 0;

  // How many bytes more may wait for the peer before has_room() is false.
  virtual std::size_t room_bytes() const = 0;

  // Whether the peer may have answered a ping of `since` without having been read from: it is slow,
  // and has read some of what waits for it meanwhile; or the shard was behind and has read from no
  // peer.
  virtual bool may_be_unread(TimePoint since) = 0;

  // Until the session allows it, nothing leaves: the 101 and the first frame go out in one write.
  virtual void release() = 0;

  // Wakes the session with on_deadline() at, or up to 10 ms after, `deadline`. Replaces the one
  // before; nothing: none.
  virtual void set_deadline(std::optional<TimePoint> deadline) = 0;

 protected:
  ~Outlet() = default;
};

// How a connection ended, for the log: the code and reason that the first close frame carried,
// from either side; 1006 if there was none.
struct Ending {
  std::uint16_t code;
  std::string_view reason;
};

class Session {
 public:
  virtual ~Session() = default;

  // 64 spare bytes behind `message` are readable.
  virtual void on_text(std::string_view message, TimePoint now) = 0;
  // Without its content where binary messages are not accepted.
  virtual void on_binary(std::string_view message, TimePoint now) = 0;
  virtual void on_pong(TimePoint now) = 0;
  virtual void on_deadline(TimePoint now) = 0;

  // The turn that Outlet::wake() asked for. May come without it, too.
  virtual void on_turn(TimePoint now) = 0;

  // The gateway is going away: say so, name `retry_after`, and close.
  virtual void on_shutdown(Duration retry_after) = 0;

  // The last call. The outlet must not be used any more.
  virtual void on_closed(const Ending& ending) = 0;
};

enum class Endpoint : std::uint8_t {
  ws,   // /ws: the ticket came with the upgrade, the server speaks first
  sdk,  // /connection/websocket: the credential comes in the first command
};

// What came with the upgrade. Views are good during the call only.
struct Opening {
  Endpoint endpoint = Endpoint::ws;
  std::optional<std::string_view> origin;
  wire::TicketOffer ticket_offer = wire::TicketOffer::none;
  std::string_view ticket;
  bool subprotocol = false;  // usher.v1.json was negotiated
  std::string_view peer_address;
};

}  // namespace usher::edge
