#include "base/log_limiter.h"

#include <utility>
#include <vector>

namespace usher {

LogLimiter::Window& LogLimiter::window_of(std::string_view message) {
  if (const auto found = windows_.find(message); found != windows_.end()) return found->second;
  if (windows_.size() >= options_.messages_max) return shared_;
  return windows_.emplace(message, Window{}).first->second;
}

void LogLimiter::set_options(LogLimiterOptions options) {
  const std::lock_guard lock(mutex_);
  options_ = options;
}

std::optional<std::uint64_t> LogLimiter::admit(std::string_view message, TimePoint now) {
  const std::lock_guard lock(mutex_);
  Window& window = window_of(message);
  if (!window.start || now - *window.start >= options_.per) {
    window.start = now;
    window.lines = 0;
  }
  if (options_.lines_max != 0 && window.lines >= options_.lines_max) {
    ++window.suppressed;
    return std::nullopt;
  }
  ++window.lines;
  return std::exchange(window.suppressed, 0);
}

void RateLimitedLog::write(LogLevel level, std::string_view message,
                           std::span<const LogField> fields) {
  if (!log_.writes(level)) return;
  if (level == LogLevel::debug) return log_.write(level, message, fields);
  const auto suppressed = limiter_.admit(message, clock_.now());
  if (!suppressed) {
    suppressed_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (*suppressed == 0) return log_.write(level, message, fields);
  std::vector<LogField> more(fields.begin(), fields.end());
  more.emplace_back("suppressed", *suppressed);
  log_.write(level, message, more);
}

}  // namespace usher
