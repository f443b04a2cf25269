// The load on a gateway in a storm: the peaks of its CPU, memory and queues, beside its limits.
//
// It is watched from outside: its process in /proc, and its /metrics, which contain its limits too.
// After a restart its counts start again from zero.
//
// Threads: plain values.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "bench/load/metrics_text.h"
#include "bench/load/process_usage.h"
#include "bench/load/report.h"

namespace usher::bench {

class GatewayPeaks {
 public:
  // The gateway is a new process, which has done nothing yet.
  void restarted(TimePoint now);

  void take(const ProcessUsage& usage, TimePoint now);

  // Takes metrics that were requested at `asked` and arrived at `came`. They hold for some moment
  // in between.
  void take(Metrics metrics, TimePoint asked, TimePoint came);

  // Adds the peaks, and a failure for each limit that was exceeded.
  void add_to(Report& report) const;

 private:
  struct Issued {
    TimePoint asked;
    TimePoint came;
    double tickets;
  };

  void take_tickets(const Issued& now);
  void raise(const char* line, const char* series);
  double limit(std::string_view key) const;
  void add_refusals(Report& report) const;
  void add_breaches(Report& report) const;

  std::optional<ProcessUsage> usage_;
  TimePoint usage_at_;
  double cpu_percent_ = 0;  // peak
  std::int64_t memory_bytes_ = 0;
  bool process_was_seen_ = false;

  Metrics last_;
  std::map<std::string, double> peaks_;  // by the line of the report
  std::deque<Issued> issued_;            // of the last seconds
  double tickets_in_second_ = 0;         // peak
  double tickets_too_many_ = 0;          // how many exceed what the rate allows in the time
};

}  // namespace usher::bench
