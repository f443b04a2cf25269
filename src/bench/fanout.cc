#include "bench/fanout.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/system.h"
#include "bench/crowd.h"
#include "bench/publisher.h"

namespace usher::bench {
namespace {

constexpr std::string_view kMark = "\"#";
constexpr std::size_t kDigits = 8;
constexpr std::size_t kAtTheDoor = 64;

class Fanout {
 public:
  Fanout(const Setting& setting, const FanoutOptions& options)
      : setting_(setting),
        options_(options),
        crowd_(setting, kAtTheDoor),
        publisher_(setting, options) {}

  Report run();

 private:
  bool start();
  void publish(TimePoint due);
  void publish_at_rate();
  bool is_timed(std::size_t number) const { return number >= options_.warm_up; }
  void take(Client& client, std::string_view payload);
  void add_results(Duration elapsed, const std::optional<ProcessUsage>& before,
                   const std::optional<ProcessUsage>& after);
  void add_own_part(Duration elapsed, Duration own_cpu);

  const Setting& setting_;
  const FanoutOptions& options_;
  Crowd crowd_;
  Publisher publisher_;
  TimePoint began_;
  std::vector<TimePoint> due_;          // of each message that was published
  std::vector<std::uint32_t> missing_;  // subscribers that it has not reached
  std::vector<std::uint32_t> order_;    // in which they came, to whoever was first
  std::vector<std::uint32_t> got_;      // by subscriber: how many
  std::uint64_t delivered_ = 0;
  std::uint64_t disordered_ = 0;  // not as the others got them: one lost, twice or overtaken
  std::size_t complete_ = 0;
  Histogram times_;
  Histogram late_;  // published so much later than due, at a rate
  Report report_{"fanout"};
};

bool Fanout::start() {
  const std::string wanted =
      setting_.target.door == Door::ticket ? "\"" + options_.channel + "\":{" : "";
  if (!crowd_.grow_to(options_.subscribers, wanted)) {
    report_.fail(crowd_.failure());
    return false;
  }
  if (!publisher_.start(options_.subscribers)) {
    report_.fail(publisher_.failure());
    return false;
  }
  missing_.assign(options_.messages, static_cast<std::uint32_t>(options_.subscribers));
  got_.assign(options_.subscribers, 0);
  due_.reserve(options_.messages);
  crowd_.set_on_message(
      [this](Client& client, std::string_view payload) { take(client, payload); });
  return true;
}

void Fanout::publish(TimePoint due) {
  const std::size_t number = due_.size();
  due_.push_back(due);
  publisher_.publish(make_message(number, options_.bytes));
}

// Whatever was due while the loop did other things goes out at once; its time counts from when it
// was due.
void Fanout::publish_at_rate() {
  const TimePoint now = setting_.loop.now();
  while (due_.size() < options_.messages) {
    const auto offset =
        std::chrono::duration<double>(static_cast<double>(due_.size()) / options_.per_second);
    const TimePoint due = began_ + std::chrono::duration_cast<Duration>(offset);
    if (due > now) return setting_.loop.at(due, [this] { publish_at_rate(); });
    if (is_timed(due_.size())) late_.record(now - due);
    publish(due);
  }
}

void Fanout::take(Client& client, std::string_view payload) {
  const auto number = read_message_number(payload);
  if (!number || *number >= due_.size()) return;  // a join, a status
  // Publications under way at the same time may come in any order, but in the same for all.
  const std::uint32_t place = got_[client.index()]++;
  if (place == order_.size()) order_.push_back(static_cast<std::uint32_t>(*number));
  if (order_[place] != *number) ++disordered_;
  const TimePoint now = setting_.loop.now();
  if (is_timed(*number)) times_.record(now - due_[*number]);
  ++delivered_;
  if (missing_[*number] == 0 || --missing_[*number] != 0) return;
  ++complete_;
  setting_.loop.progress();
  if (options_.per_second == 0 && due_.size() < options_.messages) publish(now);
}

void Fanout::add_results(Duration elapsed, const std::optional<ProcessUsage>& before,
                         const std::optional<ProcessUsage>& after) {
  const std::uint64_t expected = options_.subscribers * options_.messages;
  const std::uint64_t lost = expected - std::min(delivered_, expected);
  report_.add("subscribers", static_cast<std::int64_t>(options_.subscribers));
  report_.add("messages", static_cast<std::int64_t>(due_.size()));
  report_.add("message_bytes", static_cast<std::int64_t>(options_.bytes));
  report_.add("deliveries", static_cast<std::int64_t>(delivered_));
  report_.add("lost", static_cast<std::int64_t>(lost));
  report_.add("disordered", static_cast<std::int64_t>(disordered_));
  report_.add("seconds", seconds_of(elapsed));
  report_.add("deliveries_per_second", static_cast<double>(delivered_) / seconds_of(elapsed));
  report_.add_cpu(before, after, "delivery", delivered_);
  report_.add_times("delivery", times_);
  if (lost > 0 || disordered_ > 0) {
    report_.fail(std::to_string(lost) + " deliveries were lost, " + std::to_string(disordered_) +
                 " came in another order than to others");
  }
}

// Whether the load itself stood in the way: late with what was due, or busy all the time.
void Fanout::add_own_part(Duration elapsed, Duration own_cpu) {
  report_.add("load_busy", seconds_of(own_cpu) / seconds_of(elapsed));
  if (options_.per_second > 0) report_.add_times("publish_late", late_);
}

Report Fanout::run() {
  if (!start()) return std::move(report_);
  const auto before = usage_at_rest(setting_.loop, setting_.target);
  const Duration own_cpu_before = process_cpu_time(getpid()).value_or(Duration::zero());
  began_ = setting_.loop.now();
  if (options_.per_second > 0) {
    publish_at_rate();
  } else {
    for (std::size_t i = 0; i < std::min(options_.in_flight, options_.messages); ++i) {
      publish(began_);
    }
  }
  const bool done = setting_.loop.run(
      [&] {
        return complete_ == options_.messages || !publisher_.failure().empty() || crowd_.out() > 0;
      },
      setting_.target.patience);
  const Duration elapsed = setting_.loop.now() - began_;
  const Duration own_cpu = process_cpu_time(getpid()).value_or(Duration::zero()) - own_cpu_before;
  const auto after = usage_at_rest(setting_.loop, setting_.target);
  if (!publisher_.failure().empty()) report_.fail(publisher_.failure());
  if (crowd_.out() > 0) report_.fail(crowd_.failure());
  if (!done) report_.fail("deliveries stopped coming");
  add_results(elapsed, before, after);
  add_own_part(elapsed, own_cpu);
  return std::move(report_);
}

}  // namespace

std::string make_message(std::size_t number, std::size_t bytes) {
  const std::string digits = std::to_string(number);
  std::string message(kMark);
  message.append(kDigits - std::min(digits.size(), kDigits), '0').append(digits);
  message.append(std::max(bytes, kMessageBytesMin) - 1 - message.size(), 'x');
  return message + '"';
}

std::optional<std::size_t> read_message_number(std::string_view payload) {
  const auto mark = payload.find(kMark);
  if (mark == std::string_view::npos || payload.size() < mark + kMark.size() + kDigits) {
    return std::nullopt;
  }
  const char* const first = payload.data() + mark + kMark.size();
  std::size_t number = 0;
  const auto parsed = std::from_chars(first, first + kDigits, number);
  if (parsed.ec != std::errc() || parsed.ptr != first + kDigits) return std::nullopt;
  return number;
}

Report measure_fanout(const Setting& setting, const FanoutOptions& options) {
  return Fanout(setting, options).run();
}

}  // namespace usher::bench
