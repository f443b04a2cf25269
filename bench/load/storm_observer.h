// Watches a gateway and its Redis during a storm, from outside, five times a second.
//
// Threads: its loop's.  Borrows: the loop, the options.
#pragma once

#include <memory>
#include <optional>

#include "bench/load/gateway_peaks.h"
#include "bench/load/http_line.h"
#include "bench/load/redis_line.h"
#include "bench/load/redis_peaks.h"
#include "bench/load/storm_options.h"

namespace usher::bench {

class StormObserver {
 public:
  StormObserver(Loop& loop, const StormOptions& options);

  // Watches from now on, until stop(). Turns the loop until the gateway and Redis, as far as they
  // are to be watched, have each answered once; returns false after `patience` without
  // progress. add_to() then reports the reason.
  bool start(Duration patience);
  void stop() { is_watching_ = false; }

  // Discards earlier observations: at that time Redis had just let all clients in for the first
  // time.
  void gateway_killed();
  void gateway_started(int pid);

  // Adds the peaks, and a failure for each limit that was exceeded and for each target that could
  // not be watched.
  void add_to(Report& report) const;

 private:
  void look();
  bool sees_all() const;
  void ask_metrics();

  Loop& loop_;
  const StormOptions& options_;
  std::optional<HttpLine> admin_;
  std::optional<RedisLine> redis_;
  bool is_watching_ = false;
  int pid_ = -1;
  GatewayPeaks gateway_peaks_;
  RedisPeaks redis_peaks_;
  std::string metrics_problem_ = "no answer";  // "": metrics have arrived
};

}  // namespace usher::bench
