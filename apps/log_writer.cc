#include "apps/log_writer.h"

#include <spdlog/sinks/sink.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/time_text.h"

namespace usher::apps {
namespace {

std::string format_line(LogFormat format, LogLevel level, WallTime time, std::string_view message,
                        std::span<const LogField> fields) {
  std::string line;
  switch (format) {
    case LogFormat::text:
      line.append(to_rfc3339(time)).append(" ").append(to_string(level)).append(" ");
      line.append(format_log_text(message, fields));
      break;
    case LogFormat::json:
      line.append("{\"time\":\"").append(to_rfc3339(time)).append("\",\"level\":\"");
      line.append(to_string(level)).append("\",");
      line.append(format_log_json(message, fields)).append("}");
      break;
  }
  return line;
}

}  // namespace

// What write() and the writer thread share. It outlives the LogWriter should nobody take its lines.
struct LogWriter::Queue {
  Queue(std::shared_ptr<spdlog::sinks::sink> s, const LogWriterOptions& o)
      : sink(std::move(s)), format(o.format) {}

  void run();
  void put(const std::vector<std::string>& batch);

  const std::shared_ptr<spdlog::sinks::sink> sink;
  const LogFormat format;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> lines;  // guarded by mutex, as all below
  std::uint64_t dropped = 0;
  std::uint64_t dropped_told = 0;
  WallTime dropped_at{};  // the last one
  bool ending = false;
  bool ended = false;
};

void LogWriter::Queue::run() {
  std::vector<std::string> batch;
  std::unique_lock lock(mutex);
  while (true) {
    changed.wait(lock, [this] { return !lines.empty() || dropped > dropped_told || ending; });
    if (lines.empty() && dropped == dropped_told) break;
    batch.swap(lines);
    const std::uint64_t lost = dropped - std::exchange(dropped_told, dropped);
    const WallTime lost_at = dropped_at;
    lock.unlock();
    if (lost > 0) {
      const LogField count("count", lost);
      batch.push_back(
          format_line(format, LogLevel::warn, lost_at, "log lines dropped", {&count, 1}));
    }
    put(batch);
    batch.clear();
    lock.lock();
  }
  ended = true;
  changed.notify_all();
}

void LogWriter::Queue::put(const std::vector<std::string>& batch) {
  for (const std::string& line : batch) {
    sink->log(spdlog::details::log_msg("", spdlog::level::info,
                                       spdlog::string_view_t(line.data(), line.size())));
  }
  sink->flush();
}

LogWriter::LogWriter(LogWriterOptions options, const WallClock& clock,
                     std::shared_ptr<spdlog::sinks::sink> sink)
    : options_(options), clock_(clock), queue_(std::make_shared<Queue>(std::move(sink), options)) {
  queue_->sink->set_pattern("%v");
  // Detached: a thread that waits for a terminal which takes nothing can't be joined.
  std::thread([queue = queue_] { queue->run(); }).detach();
}

LogWriter::~LogWriter() {
  std::unique_lock lock(queue_->mutex);
  queue_->ending = true;
  queue_->changed.notify_all();
  queue_->changed.wait_for(lock, options_.flush_timeout, [this] { return queue_->ended; });
}

void LogWriter::write(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  if (level < options_.level) return;
  const WallTime now = clock_.now();
  std::string line = format_line(options_.format, level, now, message, fields);
  bool wake = false;
  {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->lines.size() >= options_.lines_max) {
      ++queue_->dropped;
      queue_->dropped_at = now;
      return;
    }
    wake = queue_->lines.empty();
    queue_->lines.push_back(std::move(line));
  }
  if (wake) queue_->changed.notify_one();
}

std::uint64_t LogWriter::dropped() const {
  const std::lock_guard lock(queue_->mutex);
  return queue_->dropped;
}

}  // namespace usher::apps
