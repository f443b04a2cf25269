// What a shard's sockets serve: HTTP requests and WebSocket sessions. apps/ puts the gateway behind
// it, the conformance tests an echo.
//
// Threads: one each shard, called on the shard's thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "edge/exchange.h"
#include "edge/session.h"
#include "wire/http_message.h"

namespace usher::edge {

class Application {
 public:
  virtual ~Application() = default;

  // A WebSocket endpoint's path, or nothing: an ordinary request.
  virtual std::optional<Endpoint> endpoint(const wire::HttpRequest& request,
                                           ListenerRole listener) = 0;

  // May this upgrade happen? Nothing: yes, and release() follows when its connection has ended.
  // Else the answer to send.
  virtual std::optional<wire::HttpResponse> admit(const RequestContext& context,
                                                  bool has_ticket) = 0;
  virtual void release() = 0;

  // Takes over an admitted connection. May already send and close through `outlet`, which outlives
  // the session.
  virtual std::unique_ptr<Session> open(Outlet& outlet, const Opening& opening, TimePoint now) = 0;

  // How much body `head.request` may bring, which has none yet. Asked once for each request.
  virtual BodyLimit body_limit(const RequestContext& head) = 0;
  virtual void handle(const RequestContext& context, Respond respond) = 0;

  // The answer to a request that could not be read (400, 408, 413, 431, 503, 505: its request is
  // empty), or to an upgrade that is none (400, 426). `detail` may be empty.
  virtual wire::HttpResponse refuse(int status, std::string_view detail,
                                    const RequestContext& context) = 0;

  // Something in usher itself was not as it must be (base/check.h); `what` names it. It has cost
  // one connection, or one task of the shard.
  virtual void on_internal_error(std::string_view what) = 0;

  // A socket has been accepted (+1) or closed (-1).
  virtual void on_socket(int change) = 0;

  // Called about once a second.
  virtual void tick(TimePoint now) = 0;
};

}  // namespace usher::edge
