#include "bench/load/storm_observer.h"

#include <span>

namespace usher::bench {
namespace {

constexpr Duration kInterval = std::chrono::milliseconds(200);

}  // namespace

StormObserver::StormObserver(Loop& loop, const StormOptions& options)
    : loop_(loop), options_(options) {
  if (options.admin) admin_.emplace(loop, options.admin->address, 0);
  if (options.redis) {
    redis_.emplace(loop, *options.redis,
                   [this](std::string_view info) { redis_peaks_.take(info); });
  }
}

bool StormObserver::start(Duration patience) {
  is_watching_ = true;
  look();
  return loop_.run([this] { return sees_all(); }, patience);
}

bool StormObserver::sees_all() const {
  return (!admin_ || metrics_problem_.empty()) && (!redis_ || redis_peaks_.was_seen());
}

void StormObserver::gateway_killed() {
  gateway_peaks_ = {};
  redis_peaks_ = {};
}

void StormObserver::gateway_started(int pid) {
  pid_ = pid;
  gateway_peaks_.restarted(loop_.now());
}

void StormObserver::look() {
  if (!is_watching_) return;
  loop_.at(loop_.now() + kInterval, [this] { look(); });
  if (pid_ > 0) {
    if (const auto usage = usage_of(std::span(&pid_, 1))) {
      gateway_peaks_.take(*usage, loop_.now());
    }
  }
  if (admin_ && admin_->is_free()) ask_metrics();
  if (redis_) redis_->ask_info();
}

void StormObserver::ask_metrics() {
  const std::string request = "GET " + options_.admin->path +
                              "/metrics HTTP/1.1\r\nHost: " + options_.admin->authority +
                              "\r\n\r\n";
  admin_->ask(request, [this, asked = loop_.now()](const HttpAnswer& answer) {
    if (answer.status == 0) {  // once it has answered: it is down
      if (!metrics_problem_.empty()) metrics_problem_ = answer.body;
      return;
    }
    Metrics metrics = read_metrics(answer.body);
    if (answer.status != 200 || metrics.empty()) {
      metrics_problem_ = "HTTP " + std::to_string(answer.status) + ", and no metrics";
      return;
    }
    metrics_problem_.clear();
    gateway_peaks_.take(std::move(metrics), asked, loop_.now());
  });
}

void StormObserver::add_to(Report& report) const {
  gateway_peaks_.add_to(report);
  redis_peaks_.add_to(report);
  if (admin_ && !metrics_problem_.empty()) {
    report.fail("--admin: GET " + options_.admin->path + "/metrics at " +
                options_.admin->authority + ": " + metrics_problem_);
  }
  if (!redis_) return;
  report.fail(redis_->failure());
  if (!redis_peaks_.was_seen()) report.fail("--redis: no answer");
}

}  // namespace usher::bench
