// One WebSocket connection (RFC 6455), from dialing to its close frame. It decides nothing: it
// opens, carries messages, and reports how it ended.
//
// It has no timeout for opening: the session's stages end it by abandon().
//
// Threads: belongs to the strand of its executor.
// Limits: a message over WebSocketRequest::message_bytes_max ends the connection. The caller must
// bound what it sends, by the gauge, and what it has received but not used, by hold().
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http_client/endpoint.h"

namespace boost::asio {
class any_io_executor;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace usher::client_net {

// Bytes that wait to be sent. Threads: any may read and change it.
using OutboxGauge = std::shared_ptr<std::atomic<std::size_t>>;

struct WebSocketRequest {
  http_client::Endpoint endpoint;  // its target holds the ticket
  std::vector<std::string> subprotocols;
  std::optional<std::string> origin;
  std::size_t message_bytes_max;
  OutboxGauge outbox;  // the socket adds the bytes it is given, and subtracts those it has sent
};

// The end as a browser reports it: 1006 and not clean unless a close frame came; 1005 if that had
// no code (RFC 6455 section 7.4.1).
struct WebSocketEnd {
  std::uint16_t code = 1006;
  std::string reason;
  bool clean = false;
  std::string detail;  // why there was no close frame, for a person
};

// Called on the executor, never inline. None is called after close() or abandon(), or after on_end.
struct WebSocketEvents {
  std::function<void(std::string_view subprotocol)> on_open;  // the one that was selected, or ""
  std::function<void(std::string_view data, bool binary)> on_message;  // a whole message
  std::function<void()> on_sent;                                       // one message has left
  std::function<void(WebSocketEnd)> on_end;                            // once
};

class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // Requires that it is open. `data` must be UTF-8 unless `binary`.
  virtual void send(std::string data, bool binary = false) = 0;

  // No read begins until resume(). The message that is being read still comes.
  virtual void hold() = 0;
  virtual void resume() = 0;

  // Sends the waiting messages, then a close frame with `code`, and ends: on its own, within a
  // second.
  virtual void close(std::uint16_t code) = 0;

  // Drops everything at once.
  virtual void abandon() = 0;

  // The step of opening that is under way, for a person.
  virtual std::string step() const = 0;
};

// The connection goes on without the returned pointer.
std::shared_ptr<WebSocket> open_web_socket(const boost::asio::any_io_executor& executor,
                                           const std::shared_ptr<boost::asio::ssl::context>& trust,
                                           WebSocketRequest request, WebSocketEvents events);

}  // namespace usher::client_net
