// The routes of admin.listen, for operators and their machines: whether the process is up, whether
// it may get traffic, its metrics, its configuration and the reload of it.
//
// Threads: one per shard. Borrows: Dependencies.
#pragma once

#include "http/answer.h"
#include "http/dependencies.h"

namespace usher::gateway {

class AdminRoutes {
 public:
  explicit AdminRoutes(http::RouteDependencies& dependencies) : dependencies_(dependencies) {}

  void health(http::Answer answer);   // 200 as long as the loop turns
  void ready(http::Answer answer);    // 200 {"ready":true}, or 503 {"ready":false,"reasons":[…]}
  void metrics(http::Answer answer);  // Prometheus' text format
  void config(http::Answer answer);   // 200 {"config":[…]}, without secrets
  // 200 {"changed":[…],"needs_restart":[…],"warnings":[…]}, or 422 with the reasons.
  void reload(http::Answer answer);

 private:
  http::RouteDependencies& dependencies_;
};

}  // namespace usher::gateway
