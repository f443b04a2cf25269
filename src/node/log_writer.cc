#include "node/log_writer.h"

#include <spdlog/sinks/sink.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "base/time_text.h"

namespace usher::node {
namespace {

void append_line(std::string& line, config::LogFormat format, LogLevel level, WallTime time,
                 std::string_view message, std::span<const LogField> fields) {
  switch (format) {
    case config::LogFormat::text:
      append_rfc3339(line, time);
      line.append(" ").append(to_string(level)).append(" ");
      append_log_text(line, message, fields);
      break;
    case config::LogFormat::json:
      line.append("{\"time\":\"");
      append_rfc3339(line, time);
      line.append("\",\"level\":\"").append(to_string(level)).append("\",");
      append_log_json(line, message, fields);
      line.append("}");
      break;
  }
}

}  // namespace

// What write() and the writer thread share. It outlives the LogWriter should nobody take its lines.
struct LogWriter::Queue {
  Queue(std::shared_ptr<spdlog::sinks::sink> s, const LogWriterOptions& o)
      : sink(std::move(s)), options(o), format(o.format) {}

  void run();
  void wait_for_lines(std::unique_lock<std::mutex>& lock);
  void put(std::string_view batch);

  const std::shared_ptr<spdlog::sinks::sink> sink;
  const LogWriterOptions options;
  std::atomic<config::LogFormat> format;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::string text;       // guarded by mutex, as all below: lines, with a line feed between them
  std::size_t lines = 0;  // in it
  bool writer_sleeps = false;
  std::uint64_t dropped = 0;
  std::uint64_t dropped_told = 0;
  WallTime dropped_at{};  // the last one
  bool writing = false;   // a batch is on its way
  bool ending = false;
  bool ended = false;
};

// Waking a thread and writing cost far more than a line: what comes in the moment after the first
// leaves with it.
void LogWriter::Queue::wait_for_lines(std::unique_lock<std::mutex>& lock) {
  writer_sleeps = true;
  changed.wait(lock, [this] { return lines > 0 || ending; });
  writer_sleeps = false;
  changed.wait_for(lock, options.gather_for,
                   [this] { return lines >= options.lines_max / 2 || ending; });
}

void LogWriter::Queue::run() {
  std::string batch;
  std::unique_lock lock(mutex);
  while (true) {
    wait_for_lines(lock);
    if (lines == 0 && dropped == dropped_told) break;
    batch.swap(text);
    lines = 0;
    writing = true;
    const std::uint64_t lost = dropped - std::exchange(dropped_told, dropped);
    const WallTime lost_at = dropped_at;
    lock.unlock();
    if (lost > 0) {
      const LogField count("count", lost);
      if (!batch.empty()) batch += '\n';
      append_line(batch, format, LogLevel::warn, lost_at, "log lines dropped", {&count, 1});
    }
    put(batch);
    batch.clear();
    lock.lock();
    writing = false;
    changed.notify_all();
  }
  ended = true;
  changed.notify_all();
}

void LogWriter::Queue::put(std::string_view batch) {
  sink->log(spdlog::details::log_msg("", spdlog::level::info,
                                     spdlog::string_view_t(batch.data(), batch.size())));
  sink->flush();
}

LogWriter::LogWriter(LogWriterOptions options, const WallClock& clock,
                     std::shared_ptr<spdlog::sinks::sink> sink)
    : options_(options),
      level_(options.level),
      clock_(clock),
      queue_(std::make_shared<Queue>(std::move(sink), options)) {
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
  if (!writes(level)) return;
  const WallTime now = clock_.now();
  thread_local std::string line;  // kept for its capacity
  line.clear();
  append_line(line, queue_->format, level, now, message, fields);
  bool wake = false;
  {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->lines >= options_.lines_max) {
      ++queue_->dropped;
      queue_->dropped_at = now;
      return;
    }
    if (queue_->lines++ > 0) queue_->text += '\n';
    queue_->text += line;
    // Asleep, or waiting for more while the queue fills up.
    wake = std::exchange(queue_->writer_sleeps, false) || queue_->lines == options_.lines_max / 2;
  }
  if (wake) queue_->changed.notify_one();
}

void LogWriter::set(LogLevel level, config::LogFormat format) {
  queue_->format = format;
  level_ = level;
}

bool LogWriter::flush(Duration within) {
  std::unique_lock lock(queue_->mutex);
  return queue_->changed.wait_for(lock, within,
                                  [this] { return queue_->lines == 0 && !queue_->writing; });
}

std::uint64_t LogWriter::dropped() const {
  const std::lock_guard lock(queue_->mutex);
  return queue_->dropped;
}

}  // namespace usher::node
