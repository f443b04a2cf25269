// Serves the sockets of a shard: HTTP requests and WebSocket sessions. The gateway implements it,
// and so does the echo of the conformance tests.
//
// Threads: one for each shard, called on the shard's thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "edge/exchange.h"
#include "edge/session.h"
#include "edge/tunnel.h"
#include "wire/http_message.h"

namespace usher::edge {

class Application {
 public:
  virtual ~Application() = default;

  // Returns the WebSocket endpoint of the request's path, or `nullopt` for an ordinary request.
  virtual std::optional<Endpoint> endpoint(const wire::HttpRequest& request,
                                           ListenerRole listener) = 0;

  // Returns `nullopt` if the upgrade may happen; release() follows when its connection has closed.
  // Otherwise returns the answer to send.
  virtual std::optional<wire::HttpResponse> admit(const RequestContext& context,
                                                  bool has_ticket) = 0;
  virtual void release() = 0;

  // Makes the session of an admitted connection. It may send and close through `outlet` at once;
  // `outlet` outlives the session.
  virtual std::unique_ptr<Session> open(Outlet& outlet, const Opening& opening, TimePoint now) = 0;

  // The same for Endpoint::tunnel.
  virtual std::unique_ptr<TunnelSession> open_tunnel(TunnelOutlet& outlet,
                                                     const TunnelOpening& opening,
                                                     TimePoint now) = 0;

  // Returns how large the body of `head.request` may be. Called once for each request, before its
  // body is read.
  virtual BodyLimit body_limit(const RequestContext& head) = 0;
  virtual void handle(const RequestContext& context, Respond respond) = 0;

  // Returns the answer to a request that could not be read (400, 408, 413, 431, 503, 505; `context`
  // then holds an empty request), or to a malformed upgrade (400, 426). `detail` may be empty.
  virtual wire::HttpResponse refuse(int status, std::string_view detail,
                                    const RequestContext& context) = 0;

  // An invariant of usher is broken (base/check.h); `what` names it. It has cost one connection, or
  // one task of the shard.
  virtual void on_internal_error(std::string_view what) = 0;

  // A socket has been accepted (+1) or closed (-1).
  virtual void on_socket(int change) = 0;

  // Called about once a second.
  virtual void tick(TimePoint now) = 0;
};

}  // namespace usher::edge
