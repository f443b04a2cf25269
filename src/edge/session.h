// One WebSocket connection above its socket: a Session receives events, an Outlet carries out its
// decisions.
//
// The shell (net/connection.h) hands messages and the time to the session, and calls it at the
// deadline that it has set. No call of the outlet calls back into the session, so a session is
// never entered twice. Work that must wait until the present call is over, because it changes the
// same state, is done in a turn of the session's own: see Outlet::wake().
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
  // Each appends to the outbox, in order; it leaves at the end of the loop's turn. They do nothing
  // after close().
  virtual void send_text(std::string_view payload) = 0;
  virtual void send_binary(std::string_view payload) = 0;
  virtual void send_frame(const wire::SharedFrame& frame) = 0;
  // The frame may leave later than that, or take another's place: see wire::Gathering.
  virtual void gather_frame(const wire::SharedFrame& frame, const wire::Gathering&) {
    send_frame(frame);
  }
  virtual void send_ping() = 0;  // a WebSocket ping, for peers that do not know our own

  // Appends a close frame to the outbox. When it has left, the socket's writing side is closed, and
  // later bytes of the peer are thrown away. The session gets no call any more.
  virtual void close(const wire::CloseReason& reason) = 0;

  // Calls Session::on_turn() soon, when no other work of the shard is under way. Until then no
  // message is handed to the session.
  virtual void wake() = 0;

  // No message is handed to the session until its next on_turn(). The session must call wake() for
  // that.
  virtual void pause() = 0;

  // Returns whether the peer reads fast enough. False: half of ShardOptions::outbox_bytes_max waits
  // for it, so the peer's further commands should wait too; on_turn() is called when there is room
  // again.
  virtual bool has_room() = 0;

  // Returns how many bytes more may wait for the peer before has_room() is false.
  virtual std::size_t room_bytes() const = 0;

  // Returns whether the peer's answer to a ping of `since` may be unread: the peer reads slowly,
  // and has read something since the last call; or the shard was behind, and has read from no peer.
  virtual bool may_be_unread(TimePoint since) = 0;

  // Nothing leaves before this call, so that the 101 and the first frame leave in one write.
  virtual void release() = 0;

  // Calls Session::on_deadline() at `deadline`, or up to 10 ms later. Replaces the deadline before;
  // `nullopt`: there is none.
  virtual void set_deadline(std::optional<TimePoint> deadline) = 0;

 protected:
  ~Outlet() = default;
};

// How a connection ended, for the log: code and reason of the first close frame, from either side;
// 1006 if there was none.
struct Ending {
  std::uint16_t code;
  std::string_view reason;
};

class Session {
 public:
  virtual ~Session() = default;

  // 64 spare bytes behind `message` are readable.
  virtual void on_text(std::string_view message, TimePoint now) = 0;
  // The message is empty where binary messages are not accepted.
  virtual void on_binary(std::string_view message, TimePoint now) = 0;
  virtual void on_pong(TimePoint now) = 0;
  virtual void on_deadline(TimePoint now) = 0;

  // The turn that Outlet::wake() asked for. It may come without wake(), too.
  virtual void on_turn(TimePoint now) = 0;

  // The gateway is going away: the session tells the client, with `retry_after`, and closes.
  virtual void on_shutdown(Duration retry_after) = 0;

  // The last call. The outlet must not be used any more.
  virtual void on_closed(const Ending& ending) = 0;
};

enum class Endpoint : std::uint8_t {
  ws,      // /ws: the ticket came with the upgrade, the server speaks first
  sdk,     // /connection/websocket: the credential comes in the first command
  tunnel,  // of an upstream: the ticket came with the upgrade, usher says nothing (tunnel.h)
};

// The parts of the upgrade request that a session needs. Views are good during the call only.
struct Opening {
  Endpoint endpoint = Endpoint::ws;
  std::optional<std::string_view> origin;
  wire::TicketOffer ticket_offer = wire::TicketOffer::none;
  std::string_view ticket;
  bool subprotocol = false;  // usher.v1.json was negotiated
  std::string_view peer_address;
};

}  // namespace usher::edge
