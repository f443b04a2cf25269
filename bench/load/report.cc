#include "bench/load/report.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "wire/json_text.h"

namespace usher::bench {
namespace {

std::string number_text(double value) {
  char text[48];
  const char* const format = value >= 1000 ? "%.0f" : value >= 10 ? "%.2f" : "%.4f";
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string value_text(const std::variant<std::int64_t, double>& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  return number_text(std::get<double>(value));
}

}  // namespace

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

void Report::add(std::string_view name, std::int64_t value) {
  entries_.push_back({std::string(name), value});
}

void Report::add(std::string_view name, double value) {
  entries_.push_back({std::string(name), value});
}

void Report::add_times(std::string_view name, const Histogram& times) {
  const std::pair<const char*, double> shares[] = {
      {"_p50_ms", 50}, {"_p90_ms", 90}, {"_p99_ms", 99}, {"_p999_ms", 99.9}};
  for (const auto& [suffix, percent] : shares) {
    add(std::string(name) + suffix, seconds_of(times.percentile(percent)) * 1e3);
  }
  add(std::string(name) + "_max_ms", seconds_of(times.longest()) * 1e3);
}

void Report::add_cpu(const std::optional<ProcessUsage>& before,
                     const std::optional<ProcessUsage>& after, std::string_view unit,
                     std::uint64_t count) {
  if (!before || !after) return;
  const double cpu = seconds_of(after->cpu - before->cpu);
  add("server_cpu_s", cpu);
  if (count > 0) {
    add("server_cpu_us_per_" + std::string(unit), cpu * 1e6 / static_cast<double>(count));
  }
}

void Report::add_rate(const WorkNames& names, const Work& work) {
  const double seconds = seconds_of(work.tally.elapsed());
  add("seconds", seconds);
  add(std::string(names.units) + "_per_second", static_cast<double>(work.tally.done) / seconds);
  add_cpu(work.before, work.after, names.unit, work.tally.done);
  add_times(names.time, work.tally.times);
  add("load_busy", work.load_busy);
}

void Report::add_attempts(const WorkNames& names, const Work& work) {
  add(names.units, static_cast<std::int64_t>(work.tally.done));
  add("failed", static_cast<std::int64_t>(work.tally.failed));
  add_rate(names, work);
}

// The first thing that went wrong is the one to tell.
void Report::fail(std::string sentence) {
  if (failure_.empty()) failure_ = std::move(sentence);
}

std::string Report::text() const {
  std::size_t width = 0;
  for (const Entry& entry : entries_) width = std::max(width, entry.name.size());
  std::string out = "usher bench " + mode_ + "\n";
  for (const Entry& entry : entries_) {
    const std::string value = value_text(entry.value);
    const std::size_t gap = width - entry.name.size() + (value.size() < 14 ? 16 - value.size() : 2);
    out.append("  ").append(entry.name).append(gap, ' ').append(value).append("\n");
  }
  return out;
}

std::string Report::json() const {
  std::string out = "{\"mode\":";
  wire::append_json_string(out, mode_);
  for (const Entry& entry : entries_) {
    out += ',';
    wire::append_json_string(out, entry.name);
    out.append(":").append(value_text(entry.value));
  }
  if (!failure_.empty()) {
    out += ",\"failure\":";
    wire::append_json_string(out, failure_);
  }
  return out + "}";
}

}  // namespace usher::bench
