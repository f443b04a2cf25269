// One connection that is passed on to an upstream: a WebSocket server that the operator has already.
//
// A TunnelSession decides: it checks the ticket, orders to dial, judges the upstream's answer, and
// ends the tunnel. A TunnelOutlet carries out: it owns both sockets, and passes the bytes between
// them (net/tunnel.h). No call of the outlet calls back into the session.
//
//     dial() ─▶ on_answer() ─▶ open() or refuse()
//            └▶ on_unreachable() ─▶ refuse()
//
// Threads: both belong to one shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "edge/session.h"
#include "wire/close_code.h"
#include "wire/http_answer.h"
#include "wire/http_message.h"

namespace usher::edge {

class TunnelOutlet {
 public:
  // Connects to the upstream of that number and sends `request`, a whole head. The session hears of
  // the result once, later, unless the connection ends first. To be called once.
  virtual void dial(std::size_t upstream, std::string request) = 0;

  // Sends `switching_protocols` to the client. From then on bytes pass in both directions. Requires:
  // the upstream has answered, and nothing has been sent to the client.
  virtual void open(std::string switching_protocols) = 0;

  // Sends `switching_protocols` and a close frame to the client. Requires: nothing has been sent to
  // the client. The session gets no call any more.
  virtual void refuse(std::string switching_protocols, const wire::CloseReason& reason) = 0;

  // Ends an open tunnel: a close frame goes to the client, and one to the upstream, each between two
  // frames. The session gets no call any more.
  virtual void close(const wire::CloseReason& reason) = 0;

  // Calls Session::on_turn() soon, when no other work of the shard is under way.
  virtual void wake() = 0;

  // Calls on_deadline() at `deadline`, or up to 10 ms later. Replaces the deadline before.
  virtual void set_deadline(std::optional<TimePoint> deadline) = 0;

 protected:
  ~TunnelOutlet() = default;
};

// Why there is no answer of the upstream.
struct Unreachable {
  enum class Why : std::uint8_t {
    refused,     // no connection, or it was lost before the answer
    timed_out,   // upstreams.connect_timeout
    not_spoken,  // the answer is no HTTP
  };
  Why why{};
  std::string_view what;  // for a person: the step, the address, the reason
};

enum class Direction : std::uint8_t { to_upstream, to_client, count_ };

class TunnelSession {
 public:
  virtual ~TunnelSession() = default;

  virtual void on_answer(const wire::HttpAnswer& answer, TimePoint now) = 0;
  virtual void on_unreachable(const Unreachable& reason, TimePoint now) = 0;

  // These are as in Session. on_closed() follows neither refuse() nor close().
  virtual void on_deadline(TimePoint now) = 0;
  virtual void on_turn(TimePoint now) = 0;
  virtual void on_shutdown(Duration retry_after) = 0;
  virtual void on_closed(const Ending& ending) = 0;

  // Bytes have been taken from one side for the other.
  virtual void on_passed(Direction direction, std::size_t bytes) = 0;
  // Nothing has passed in either direction for upstreams.idle_timeout.
  virtual void on_idle(TimePoint now) = 0;
};

// The parts of the upgrade request that a tunnel needs. Views are good during the call only.
struct TunnelOpening {
  const wire::HttpRequest& request;
  Opening opening;
  std::string_view key;           // Sec-WebSocket-Key
  bool secure = false;            // the browser's side of the last trusted hop is TLS
  bool proxy_is_trusted = false;  // the peer is in server.trusted_proxies
};

}  // namespace usher::edge
