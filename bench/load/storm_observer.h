// Looks at a gateway and its Redis during a storm, from outside, five times a second.
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

  // From now on, until stop(). Turns the loop until whoever is to be watched has answered once;
  // what there is to say against them is told by add_to().
  bool start(Duration patience);
  void stop() { is_watching_ = false; }

  // What was before does not count: Redis has just let everybody in for the first time.
  void gateway_killed();
  void gateway_started(int pid);

  // What was seen; a failure for each limit that was passed, and for whom it could not see.
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
  std::string metrics_problem_ = "no answer";  // "": they have come
};

}  // namespace usher::bench
