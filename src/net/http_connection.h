// The HTTP phase of a connection, until it is upgraded or ends: makes requests of its bytes, and
// sends the answers in order, with deadlines.
//
// One request is handled in a turn of the loop. Reading pauses until its answer has left, so a peer
// that pipelines costs no more memory than one read. The further requests of that read are handled
// one by one, each in a turn of the connection's own, so that other connections do not wait.
//
// Threads: belongs to its connection.  Borrows: the shard, and the socket from start() to
// on_closed() or the upgrade. Limits: wire/http_rules.h for heads, Application::body_limit() and
// BodyRoom for bodies; ShardOptions for the times; HalfOpen.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "edge/exchange.h"
#include "edge/session.h"
#include "net/body_room.h"
#include "net/put_by.h"
#include "wire/http_parser.h"
#include "wire/ws_handshake.h"

namespace usher::net {

class HttpSocket;
class ShardContext;

class HttpConnection final : public std::enable_shared_from_this<HttpConnection> {
 public:
  // Returns null if the address holds too many connections in the HTTP phase.
  static std::shared_ptr<HttpConnection> make(ShardContext& shard, std::string peer_address,
                                              edge::ListenerRole role, bool secure);
  ~HttpConnection();

  void start(HttpSocket& socket, TimePoint now);

  // May answer a request, upgrade the connection or end it.
  void on_bytes(std::span<char> bytes);
  void on_deadline(TimePoint now);

  // All of the answer has left. Only changes the state: if the next request has come already,
  // go_on() handles it.
  void on_sent();

  // The turn that it has asked for: handles one request, if it has come whole.
  void go_on();

  bool is_idle() const { return stage_ == Stage::idle && rest_.empty(); }

  // The socket is closed: later answers are dropped.
  void on_closed() { socket_ = nullptr; }

 private:
  enum class Stage : std::uint8_t { head, body, answering, sending, idle, ended };

  HttpConnection(ShardContext& shard, std::string peer_address, edge::ListenerRole role,
                 bool secure, bool half_open);

  std::optional<std::size_t> judge_head(const wire::HttpRequest& head);
  void hold_body();
  void parse_one();
  void take_request(const wire::HttpRequest& request, bool body_too_large);
  void hand_to_router(const wire::HttpRequest& request, bool body_too_large);
  bool try_upgrade(const wire::HttpRequest& request);
  void upgrade(edge::Endpoint endpoint, const wire::HttpRequest& request,
               const wire::Upgrade& upgrade);
  void answer(wire::HttpResponse response);
  void refuse(int status, std::string_view detail, const wire::HttpRequest* request = nullptr);
  void enter(Stage stage);
  bool is_reading() const {
    return stage_ == Stage::head || stage_ == Stage::body || stage_ == Stage::idle;
  }
  void leave_half_open();
  bool is_shared(std::string_view address) const;
  bool is_proxy_trusted() const;
  bool is_secure(const wire::HttpRequest& request) const;
  void see_client(std::string address);
  edge::RequestContext context(const wire::HttpRequest& request) const;

  ShardContext& shard_;
  HttpSocket* socket_ = nullptr;  // null once it is upgraded or closed
  wire::HttpParser parser_;
  PutBy rest_;                  // received in earlier reads, and not consumed yet
  std::span<char> fresh_;       // the bytes of this read, while nothing is kept
  std::span<char> following_;   // the bytes behind the request that is being taken
  std::string peer_address_;    // of the socket
  std::string client_address_;  // of this request, as trusted proxies name it
  BodyHold body_hold_;          // for a body that has not come whole
  edge::ListenerRole role_;
  bool secure_;
  bool half_open_;
  bool keep_alive_ = true;  // of the request that is being answered
  bool head_only_ = false;
  bool client_is_shared_ = false;  // of client_address_: is_shared()
  Caller caller_ = Caller::client;
  int minor_version_ = 1;
  Stage stage_ = Stage::head;
};

}  // namespace usher::net
