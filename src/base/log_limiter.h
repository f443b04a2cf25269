// Rate limits for log lines, so that a flood of equal lines cannot fill the disk. Each message may
// be written `lines_max` times in each `per`. The next written line counts those left out.
//
// LogLimiter decides, with time as an argument. RateLimitedLog is a Log that asks it and adds
// `suppressed: N` itself; use it for the lines that a peer can cause. Debug lines are not limited:
// they are seldom switched on, and then the operator wants all of them. Lines of a level that is
// not written are not counted.
//
// Threads: both may be shared.
// Limits: messages_max different messages are told apart; all further messages share one allowance.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"

namespace usher {

struct LogLimiterOptions {
  std::uint32_t lines_max = 20;  // of one message in each `per`; 0: no limit
  Duration per = std::chrono::seconds(1);
  std::size_t messages_max = 64;
};

class LogLimiter {
 public:
  explicit LogLimiter(LogLimiterOptions options = {}) : options_(options) {}

  void set_options(LogLimiterOptions options);

  // Returns `nullopt` if the line must be left out. Otherwise the line may be written; returns how
  // many lines with this message were left out before it.
  std::optional<std::uint64_t> admit(std::string_view message, TimePoint now);

 private:
  struct Window {
    std::optional<TimePoint> start;
    std::uint32_t lines = 0;
    std::uint64_t suppressed = 0;
  };

  Window& window_of(std::string_view message);

  std::mutex mutex_;
  LogLimiterOptions options_;  // guarded by mutex_, as all below
  std::map<std::string, Window, std::less<>> windows_;
  Window shared_;
};

// Borrows `log` and `clock`.
class RateLimitedLog final : public Log {
 public:
  RateLimitedLog(Log& log, const Clock& clock, LogLimiterOptions options = {})
      : log_(log), clock_(clock), limiter_(options) {}

  void write(LogLevel level, std::string_view message, std::span<const LogField> fields) override;
  bool writes(LogLevel level) const override { return log_.writes(level); }

  // May be called from any thread.
  void set_options(LogLimiterOptions options) { limiter_.set_options(options); }

  std::uint64_t suppressed() const { return suppressed_.load(std::memory_order_relaxed); }

 private:
  Log& log_;
  const Clock& clock_;
  LogLimiter limiter_;
  std::atomic<std::uint64_t> suppressed_ = 0;  // in all, for metrics
};

}  // namespace usher
