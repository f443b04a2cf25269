#include "gateway/refusal_log.h"

#include <array>

namespace usher::gateway {

RefusalLog::RefusalLog(Log& log, ShardMetrics& metrics)
    : log_(log),
      metrics_(metrics),
      limiter_({.lines_max = kLinesMax, .messages_max = kProblemCount}) {}

void RefusalLog::write(Route route, Problem problem, std::string_view reason,
                       std::string_view trace_id, TimePoint now) {
  const ProblemRow& r = row(problem);
  const auto suppressed = limiter_.admit(r.code, now);
  if (!suppressed) return metrics_.log_lines_suppressed.add();

  // The optional fields stand last, so that they can be left out by counting.
  std::array<LogField, 6> fields = {LogField("route", to_string(route)),
                                    LogField("status", r.status),
                                    LogField("code", r.code),
                                    LogField("traceId", trace_id),
                                    LogField("reason", reason),
                                    LogField("suppressed", *suppressed)};
  std::size_t count = 4;
  if (!reason.empty()) ++count;
  if (*suppressed > 0) fields[count++] = LogField("suppressed", *suppressed);
  const bool is_ours = r.status >= 500;
  log_.write(is_ours ? LogLevel::warn : LogLevel::info, "http_refused",
             std::span(fields).first(count));
}

}  // namespace usher::gateway
