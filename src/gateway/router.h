// Answers every HTTP request that is not a WebSocket upgrade.
//
// Finds the route, holds the contract's order of checks (path, method, Origin, size, then the
// route's own), and sees to what all answers share: trace id, Cache-Control, CORS, counting.
//
// Threads: one per shard. Owns: its routes. Borrows: Services, which must outlive it.
// Limits: bodies as body_limit() says.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "gateway/answer.h"
#include "gateway/exchange.h"
#include "gateway/services.h"

namespace usher::gateway {

class RefusalLog;

class Router {
 public:
  Router(RouterOptions options, Services& services);
  ~Router();

  // Answers `context.request` by calling `respond` once, inline or later on this thread.
  // Upgrades to /ws and /connection/websocket do not come here; a plain GET there is 426.
  void handle(const RequestContext& context, Respond respond);

  // How much body net/ should read for this request before it gives up and sets `body_too_large`.
  // `head.request` has no body yet. What handle() would refuse by the head alone (path, method,
  // Origin, API key) brings none. Charges nobody.
  BodyLimit body_limit(const RequestContext& head) const;

  // Is this the path of a WebSocket endpoint?
  enum class Endpoint : std::uint8_t { none, ws, connection_websocket };
  Endpoint websocket_endpoint(std::string_view path, Listener listener) const;

  // The answer to a request that net/ refuses; charged, logged and counted as those are that are
  // refused here. `context.request` is empty where it could not be read.
  wire::HttpResponse refuse(const RequestContext& context, Route route, const Refusal& refusal);

  // For who refuses before a request comes here: one allowance of lines for all.
  RefusalLog& refusals();

 private:
  class Routes;
  std::unique_ptr<Routes> routes_;
};

}  // namespace usher::gateway
