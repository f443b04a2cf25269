// One line for each HTTP request that was refused, but never a flood of them.
//
//     http_refused { route: 'ticket', status: 401, code: 'INVALID_TOKEN', reason: '…', traceId: '…'
//     }
//
// Each code has its own allowance, so that a flood of one kind hides no other.
//
// Threads: one per shard. Borrows: the Log.
// Limits: kLinesMax lines of a code in a second; the next line says how many were left out.
#pragma once

#include <string_view>

#include "base/log_identity.h"
#include "base/log_limiter.h"
#include "http/problem.h"
#include "metrics/metrics.h"

namespace usher::http {

class RefusalLog {
 public:
  static constexpr std::uint32_t kLinesMax = 20;

  RefusalLog(Log& log, metrics::ShardMetrics& metrics);

  // `reason`: more than the peer is told; nothing secret. It may be empty, and so may `who`.
  void write(std::string_view route, Problem problem, std::string_view reason,
             std::string_view trace_id, TimePoint now, const LogIdentity& who = {});

 private:
  Log& log_;
  metrics::ShardMetrics& metrics_;
  LogLimiter limiter_;
};

}  // namespace usher::http
