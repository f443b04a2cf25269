// Answers every HTTP request that is not a WebSocket upgrade.
//
// Finds the route, holds the contract's order of checks (path, method, Origin, size, then the
// route's own), and sees to what all answers share: trace id, Cache-Control, CORS, counting.
//
// Threads: one per shard. Owns: its routes. Borrows: Services, which must outlive it.
// Limits: bodies as body_bytes_max() says.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

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
  std::size_t body_bytes_max(std::string_view path, Listener listener) const;

  // Is this the path of a WebSocket endpoint?
  enum class Endpoint : std::uint8_t { none, ws, connection_websocket };
  Endpoint websocket_endpoint(std::string_view path, Listener listener) const;

  // For who refuses before a request comes here: one allowance of lines for all.
  RefusalLog& refusals();

 private:
  class Routes;
  std::unique_ptr<Routes> routes_;
};

}  // namespace usher::gateway
