// What operators and their machines ask on admin.listen: is the process up, may it get traffic,
// what does it count.
//
// Threads: one per shard. Borrows: Services.
#pragma once

#include "gateway/answer.h"
#include "gateway/services.h"

namespace usher::gateway {

class AdminRoutes {
 public:
  explicit AdminRoutes(Services& services) : services_(services) {}

  void health(Answer answer);   // 200 as long as the loop turns
  void ready(Answer answer);    // 200 {"ready":true}, or 503 {"ready":false,"reasons":[…]}
  void metrics(Answer answer);  // Prometheus' text format

 private:
  Services& services_;
};

}  // namespace usher::gateway
