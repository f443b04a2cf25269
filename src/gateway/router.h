// Answers every HTTP request that is not a WebSocket upgrade.
//
// Finds the route, holds the contract's order of checks (path, method, Origin, size, then the
// route's own), and adds what all answers share: trace id, Cache-Control, CORS, counting.
//
// Threads: one per shard. Owns: its routes. Borrows: Dependencies and this shard's
// RouteMetrics, which must outlive it.
// Limits: bodies as body_limit() says.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "edge/exchange.h"
#include "gateway/route.h"
#include "http/answer.h"
#include "http/dependencies.h"

namespace usher::http {
class RefusalLog;
}

namespace usher::gateway {

struct RouteMetrics;

class Router {
 public:
  Router(http::RouterOptions options, http::RouteDependencies& dependencies, RouteMetrics& metrics);
  ~Router();

  // Requests that are answered later still get the answer that these options give. The prefix must
  // be the same.
  void set_options(http::RouterOptions options);

  // Answers `context.request` by calling `respond` once, inline or later on this thread.
  // Upgrades to /ws and /connection/websocket do not come here; a plain GET there is 426.
  void handle(const edge::RequestContext& context, edge::Respond respond);

  // How much body net/ should read for this request before it gives up and sets `body_too_large`.
  // `head.request` has no body yet. No body is read of a request that handle() would refuse by its
  // head alone (path, method, Origin, API key). Charges no limit.
  edge::BodyLimit body_limit(const edge::RequestContext& head) const;

  // Is this the path of a WebSocket endpoint?
  enum class Endpoint : std::uint8_t { none, ws, connection_websocket, upstream };
  Endpoint websocket_endpoint(std::string_view path, edge::ListenerRole listener) const;

  // Returns the path without http.prefix. Requires: `path` is one of usher's own or an upstream's.
  std::string_view local_path(std::string_view path) const;

  // The answer to a request that net/ refuses; charged, logged and counted like the refusals of
  // this class. `context.request` is empty where it could not be read.
  wire::HttpResponse refuse(const edge::RequestContext& context, Route route,
                            const http::Refusal& refusal);

  // For code that refuses before a request comes here: one allowance of lines for all.
  http::RefusalLog& refusals();

 private:
  class Routes;
  std::unique_ptr<Routes> routes_;
};

}  // namespace usher::gateway
