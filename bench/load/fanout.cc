#include "bench/load/fanout.h"

#include <algorithm>
#include <vector>

#include "bench/load/arrivals.h"
#include "bench/load/audience.h"
#include "bench/load/fanout_message.h"
#include "bench/load/publisher.h"

namespace usher::bench {
namespace {

class Fanout {
 public:
  Fanout(LoadThreads& threads, const FanoutOptions& options);

  Report run();

 private:
  bool enter();
  void listen();
  void publish(TimePoint due);
  void publish_at_rate();
  void publish_all();
  void tell_publisher(std::size_t thread, std::size_t number);
  void on_reached(std::size_t number);
  std::uint64_t disordered() const;
  void add_results(const Work& work);

  // One thread's.
  struct Part {
    std::unique_ptr<Audience> audience;
    std::vector<std::size_t> reached;  // in this turn of its loop
  };

  LoadThreads& threads_;
  const FanoutOptions& options_;
  const Setting& setting_;  // of the first thread, the publisher's
  Schedule schedule_;
  Arrivals arrivals_;
  std::vector<Part> parts_;
  Publisher publisher_;
  TimePoint began_;
  TimePoint ended_;
  Histogram late_;  // published so much later than due, at a rate
  bool somebody_is_out_ = false;
  Report report_{"fanout"};
};

Fanout::Fanout(LoadThreads& threads, const FanoutOptions& options)
    : threads_(threads),
      options_(options),
      setting_(threads[0]),
      schedule_(options.messages, options.warm_up),
      arrivals_(options.messages, threads.size()),
      publisher_(setting_, options) {
  const std::size_t n = threads.size();
  for (std::size_t i = 0; i < n; ++i) {
    parts_.push_back({std::make_unique<Audience>(threads[i], share_of(kAtTheDoor, n, i).count,
                                                 share_of(options.subscribers, n, i), schedule_),
                      {}});
  }
}

bool Fanout::enter() {
  const std::string wanted =
      setting_.target.door == Door::ticket ? "\"" + options_.channel + "\":{" : "";
  threads_.run([&](std::size_t i) { parts_[i].audience->enter(wanted); });
  for (const Part& part : parts_) report_.fail(part.audience->tally().failure);
  if (!report_.failure().empty()) return false;
  threads_.run([&](std::size_t i) {
    if (i == 0 && !publisher_.start()) report_.fail(publisher_.failure());
  });
  return report_.failure().empty();
}

void Fanout::listen() {
  parts_[0].audience->listen([this](std::size_t number) { on_reached(number); },
                             [this] { somebody_is_out_ = true; });
  for (std::size_t i = 1; i < parts_.size(); ++i) {
    parts_[i].audience->listen([this, i](std::size_t number) { tell_publisher(i, number); },
                               [this] { threads_.post(0, [this] { somebody_is_out_ = true; }); });
  }
}

// Together, what has reached all of that thread's within one turn of its loop.
void Fanout::tell_publisher(std::size_t thread, std::size_t number) {
  std::vector<std::size_t>& reached = parts_[thread].reached;
  reached.push_back(number);
  if (reached.size() > 1) return;
  threads_[thread].loop.at_end_of_turn([this, &reached] {
    threads_.post(0, [this, numbers = std::exchange(reached, {})] {
      for (const std::size_t n : numbers) on_reached(n);
    });
  });
}

void Fanout::on_reached(std::size_t number) {
  if (!arrivals_.reached(number)) return;
  setting_.loop.progress();
  if (options_.per_second == 0 && !schedule_.is_full()) publish(setting_.loop.now());
}

void Fanout::publish(TimePoint due) {
  publisher_.publish(make_message(schedule_.add(due), options_.bytes));
}

// Whatever was due while the loop did other things goes out at once; its time counts from when it
// was due.
void Fanout::publish_at_rate() {
  const TimePoint now = setting_.loop.now();
  while (!schedule_.is_full()) {
    const auto offset = std::chrono::duration<double>(static_cast<double>(schedule_.published()) /
                                                      options_.per_second);
    const TimePoint due = began_ + std::chrono::duration_cast<Duration>(offset);
    if (due > now) return setting_.loop.at(due, [this] { publish_at_rate(); });
    if (schedule_.is_timed(schedule_.published())) late_.record(now - due);
    publish(due);
  }
}

void Fanout::publish_all() {
  began_ = setting_.loop.now();
  if (options_.per_second > 0) {
    publish_at_rate();
  } else {
    for (std::size_t i = 0; i < std::min(options_.in_flight, options_.messages); ++i) {
      publish(began_);
    }
  }
  const auto is_over = [&] {
    return arrivals_.all_have() || !publisher_.failure().empty() || somebody_is_out_;
  };
  if (!setting_.loop.run(is_over, setting_.target.patience)) {
    report_.fail("deliveries stopped coming");
  }
  ended_ = setting_.loop.now();
}

// Within each thread, and of each against the first.
std::uint64_t Fanout::disordered() const {
  const Audience& first = *parts_.front().audience;
  std::uint64_t sum = first.disordered();
  for (std::size_t i = 1; i < parts_.size(); ++i) {
    const Audience& other = *parts_[i].audience;
    sum += other.disordered() + differences(first.order(), other.order()) * other.size();
  }
  return sum;
}

void Fanout::add_results(const Work& work) {
  const std::uint64_t expected = options_.subscribers * options_.messages;
  const std::uint64_t delivered = work.tally.done;
  const std::uint64_t lost = expected - std::min(delivered, expected);
  const std::uint64_t out_of_order = disordered();
  report_.add("subscribers", static_cast<std::int64_t>(options_.subscribers));
  report_.add("messages", static_cast<std::int64_t>(schedule_.published()));
  report_.add("message_bytes", static_cast<std::int64_t>(options_.bytes));
  report_.add("deliveries", static_cast<std::int64_t>(delivered));
  report_.add("lost", static_cast<std::int64_t>(lost));
  report_.add("disordered", static_cast<std::int64_t>(out_of_order));
  report_.add_rate({"delivery", "deliveries", "delivery"}, work);
  if (options_.per_second > 0) report_.add_times("publish_late", late_);
  if (lost > 0 || out_of_order > 0) {
    report_.fail(std::to_string(lost) + " deliveries were lost, " + std::to_string(out_of_order) +
                 " came in another order than to others");
  }
}

Report Fanout::run() {
  if (!enter()) return std::move(report_);
  listen();
  Work work;
  work.before = threads_.usage_at_rest();
  const Duration cpu = threads_.cpu_of_each();
  threads_.run([&](std::size_t i) {
    if (i == 0) publish_all();
  });
  const Duration busy = threads_.cpu_of_each() - cpu;
  work.after = threads_.usage_at_rest();
  report_.fail(publisher_.failure());
  for (const Part& part : parts_) work.tally.merge(part.audience->tally());
  report_.fail(work.tally.failure);
  work.tally.began = began_;
  work.tally.ended = ended_;
  work.load_busy = seconds_of(busy) / seconds_of(work.tally.elapsed());
  add_results(work);
  return std::move(report_);
}

}  // namespace

Report measure_fanout(LoadThreads& threads, const FanoutOptions& options) {
  return Fanout(threads, options).run();
}

}  // namespace usher::bench
