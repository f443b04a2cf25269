// The process's log: lines formatted where they happen, written by one thread.
//
//     2026-01-31T12:00:00.123Z info websocket_connected { originHost: 'app.example' }
//     {"time":"2026-01-31T12:00:00.123Z","level":"info","message":"websocket_connected","originHost":"app.example"}
//
// A burst leaves in few writes: the thread sleeps until there is a line, then gathers the lines
// that follow closely. write() holds a lock only while it appends one string; it never waits for
// the disk or the terminal. If the queue is full, the line is dropped and counted. As soon as there
// is room, one line says how many were dropped.
//
// Threads: any.  Owns: the writer thread.  Borrows: the clock.
// Limits: LogWriterOptions::lines_max lines waiting.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/log.h"
#include "base/wall_clock.h"
#include "config/config.h"

namespace spdlog::sinks {
class sink;
}

namespace usher::node {

struct LogWriterOptions {
  LogLevel level = LogLevel::info;  // lines below it are not written
  config::LogFormat format = config::LogFormat::text;
  std::size_t lines_max = 8192;
  Duration gather_for = std::chrono::milliseconds(10);  // a line may wait so long to share a write
  Duration flush_timeout = std::chrono::seconds(2);     // at the end, if the sink takes no lines
};

class LogWriter final : public Log {
 public:
  // Writes to `sink`, from the writer thread only: several lines as one text, a line feed between
  // them.
  LogWriter(LogWriterOptions options, const WallClock& clock,
            std::shared_ptr<spdlog::sinks::sink> sink);

  // Writes the waiting lines, for at most flush_timeout.
  ~LogWriter() override;

  void write(LogLevel level, std::string_view message, std::span<const LogField> fields) override;
  bool writes(LogLevel level) const override {
    return level >= level_.load(std::memory_order_relaxed);
  }

  // For the lines from now on.
  void set(LogLevel level, config::LogFormat format);

  // Waits, for at most `within`, until the lines written so far have reached the sink. Returns
  // false if some have not.
  bool flush(Duration within);

  std::uint64_t dropped() const;  // since the start; for metrics

 private:
  struct Queue;

  const LogWriterOptions options_;
  std::atomic<LogLevel> level_;
  const WallClock& clock_;
  std::shared_ptr<Queue> queue_;  // shared with the writer thread
};

std::shared_ptr<spdlog::sinks::sink> stderr_sink();

}  // namespace usher::node
