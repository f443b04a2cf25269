#include "http/refusal_log.h"

#include <vector>

namespace usher::http {

RefusalLog::RefusalLog(Log& log, metrics::ShardMetrics& metrics)
    : log_(log),
      metrics_(metrics),
      limiter_({.lines_max = kLinesMax, .messages_max = kProblemCount}) {}

void RefusalLog::write(std::string_view route, Problem problem, std::string_view reason,
                       std::string_view trace_id, TimePoint now, const LogIdentity& who) {
  const ProblemRow& r = row(problem);
  const auto suppressed = limiter_.admit(r.code, now);
  if (!suppressed) return metrics_.log_lines_suppressed.add();

  std::vector<LogField> fields = {LogField("route", route), LogField("status", r.status.value()),
                                  LogField("code", r.code), LogField("traceId", trace_id)};
  if (!reason.empty()) fields.emplace_back("reason", reason);
  who.append_to(fields);
  if (*suppressed > 0) fields.emplace_back("suppressed", *suppressed);
  const bool is_ours = r.status.value() >= 500;
  log_.write(is_ours ? LogLevel::warn : LogLevel::info, "http_refused", fields);
}

}  // namespace usher::http
