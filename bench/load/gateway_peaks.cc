#include "bench/load/gateway_peaks.h"

#include <algorithm>
#include <cmath>

namespace usher::bench {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);

// What the gateway's bucket may hold beside a second's tickets (limits/ticket_queue.cc): a quarter
// of them, or an eighth and 33 where there are few.
double bucket_of(double per_second) { return std::max(per_second / 4, per_second / 8 + 33); }

std::int64_t whole(double value) { return static_cast<std::int64_t>(std::llround(value)); }

}  // namespace

void GatewayPeaks::restarted(TimePoint now) {
  usage_.reset();
  issued_ = {{now, now, 0}};
}

void GatewayPeaks::take(const ProcessUsage& usage, TimePoint now) {
  process_was_seen_ = true;
  memory_bytes_ = std::max(memory_bytes_, usage.memory_bytes);
  if (usage_ && now > usage_at_) {
    const double share = seconds_of(usage.cpu - usage_->cpu) / seconds_of(now - usage_at_);
    cpu_percent_ = std::max(cpu_percent_, 100 * share);
  }
  usage_ = usage;
  usage_at_ = now;
}

void GatewayPeaks::take(Metrics metrics, TimePoint asked, TimePoint came) {
  last_ = std::move(metrics);
  raise("gateway_connections_peak", "usher_connections");
  raise("gateway_sockets_peak", "usher_sockets");
  raise("gateway_tickets_live_peak", "usher_tickets_live");
  raise("gateway_ticket_places_peak", "usher_ticket_places");
  raise("gateway_redis_commands_in_flight_peak", "usher_redis_commands_in_flight");
  if (const auto tickets = find_metric(last_, "usher_tickets_issued_total")) {
    take_tickets({asked, came, *tickets});
  }
}

void GatewayPeaks::raise(const char* line, const char* series) {
  const auto value = find_metric(last_, series);
  if (value) peaks_[line] = std::max(peaks_[line], *value);
}

// Against the youngest count that is a second old, or else the oldest that there is.
void GatewayPeaks::take_tickets(const Issued& now) {
  while (issued_.size() > 1 && issued_[1].came + kSecond <= now.came) issued_.pop_front();
  if (!issued_.empty() && issued_.front().tickets > now.tickets) issued_.clear();  // a new life
  if (!issued_.empty()) {
    const Issued& then = issued_.front();
    const double more = now.tickets - then.tickets;
    const Duration time = std::max(now.came - then.came, kSecond);
    tickets_in_second_ = std::max(tickets_in_second_, more / seconds_of(time));
    const double rate = limit("limits.tickets_per_second");
    const double allowed = rate * seconds_of(now.came - then.asked) + bucket_of(rate);
    if (rate > 0) tickets_too_many_ = std::max(tickets_too_many_, more - allowed);
  }
  issued_.push_back(now);
}

// 0: none, or it does not tell.
double GatewayPeaks::limit(std::string_view key) const {
  return find_metric(last_, "usher_limit{key=\"" + std::string(key) + "\"}").value_or(0);
}

// What was turned away since the restart, by reason: "gateway_upgrades_overloaded".
void GatewayPeaks::add_refusals(Report& report) const {
  const auto quoted = [](std::string_view series, std::string_view before) {
    const auto begin = series.find(before) + before.size();
    return std::string(series.substr(begin, series.find('"', begin) - begin));
  };
  for (const auto& [series, count] : last_) {
    if (count == 0) continue;
    if (series.starts_with("usher_upgrades_total{")) {
      const std::string result = quoted(series, "result=\"");
      if (result != "connected") report.add("gateway_upgrades_" + result, whole(count));
    } else if (series.starts_with("usher_http_requests_total{") &&
               series.find("route=\"ticket\"") != std::string::npos) {
      const std::string status = quoted(series, "status=\"");
      if (status != "200") report.add("gateway_tickets_refused_" + status, whole(count));
    } else if (series == "usher_redis_commands_unanswered_total" ||
               series == "usher_log_lines_dropped_total") {
      report.add("gateway_" + series.substr(6, series.size() - 12), whole(count));
    }
  }
}

void GatewayPeaks::add_breaches(Report& report) const {
  const auto above = [&](const char* line, const char* key) {
    const auto peak = peaks_.find(line);
    const double max = limit(key);
    if (max == 0 || peak == peaks_.end() || peak->second <= max) return;
    report.fail("the gateway went above " + std::string(key) + " = " + std::to_string(whole(max)) +
                ": " + line + " is " + std::to_string(whole(peak->second)));
  };
  above("gateway_connections_peak", "limits.connections");
  above("gateway_tickets_live_peak", "ticket.outstanding_max");
  if (tickets_too_many_ >= 1) {
    report.fail("the gateway went above limits.tickets_per_second = " +
                std::to_string(whole(limit("limits.tickets_per_second"))) + ": it gave " +
                std::to_string(whole(tickets_too_many_)) + " tickets too many within a second");
  }
}

void GatewayPeaks::add_to(Report& report) const {
  if (process_was_seen_) {
    report.add("gateway_memory_peak_bytes", memory_bytes_);
    report.add("gateway_cpu_peak_percent", cpu_percent_);
  }
  if (last_.empty()) return;
  for (const auto& [line, peak] : peaks_) report.add(line, whole(peak));
  report.add("gateway_connections_limit", whole(limit("limits.connections")));
  report.add("gateway_tickets_in_worst_second", whole(tickets_in_second_));
  report.add("gateway_tickets_per_second_limit", whole(limit("limits.tickets_per_second")));
  add_refusals(report);
  add_breaches(report);
}

}  // namespace usher::bench
