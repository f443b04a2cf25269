// ticket: HTTP calls alone, one after the other on each connection.
#include <memory>
#include <vector>

#include "bench/modes.h"

namespace usher::bench {
namespace {

class Calls {
 public:
  Calls(const Setting& setting, const TicketOptions& options)
      : setting_(setting), options_(options) {}

  Report run();

 private:
  void ask(HttpLine& line);
  void take(HttpLine& line, TimePoint began, const HttpAnswer& answer);

  const Setting& setting_;
  const TicketOptions& options_;
  std::vector<std::unique_ptr<HttpLine>> lines_;
  std::vector<std::string> requests_;
  std::size_t begun_ = 0;
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
  Histogram times_;
  Report report_{"ticket"};
};

void Calls::ask(HttpLine& line) {
  if (begun_ == options_.count) return;
  const std::string& request = requests_[begun_++ % requests_.size()];
  line.ask(request, [this, &line, began = setting_.loop.now()](const HttpAnswer& answer) {
    take(line, began, answer);
  });
}

void Calls::take(HttpLine& line, TimePoint began, const HttpAnswer& answer) {
  setting_.loop.progress();
  ++done_;
  times_.record(setting_.loop.now() - began);
  if (answer.status != 200) {
    ++failed_;
    report_.fail("HTTP " + std::to_string(answer.status) + " " +
                 std::string(answer.body.substr(0, 200)));
  }
  // Not from within the line's own call when it was lost: it has yet to close.
  setting_.loop.at_end_of_turn([this, &line] { ask(line); });
}

Report Calls::run() {
  constexpr std::size_t kClients = 1000;  // sessions among which the tickets are spread
  const Target& target = setting_.target;
  if (options_.plain_get) {
    requests_.push_back("GET " + target.path + " HTTP/1.1\r\nHost: " + target.authority + "\r\n" +
                        target.fields + "\r\n");
  } else {
    std::string problem;
    if (!setting_.desk.prepare_tokens(kClients, problem)) {
      report_.fail(problem);
      return std::move(report_);
    }
    for (std::size_t i = 0; i < kClients; ++i) requests_.push_back(setting_.desk.ticket_request(i));
  }
  const auto before = usage_at_rest(setting_.loop, target);
  const TimePoint began = setting_.loop.now();
  for (std::size_t i = 0; i < options_.concurrency; ++i) {
    lines_.push_back(std::make_unique<HttpLine>(setting_.loop, target.address, i));
    ask(*lines_.back());
  }
  if (!setting_.loop.run([&] { return done_ == options_.count; }, target.patience)) {
    report_.fail("after " + std::to_string(done_) + " calls nothing happened any more");
  }
  const Duration elapsed = setting_.loop.now() - began;
  const auto after = usage_at_rest(setting_.loop, target);
  report_.add("calls", static_cast<std::int64_t>(done_));
  report_.add("failed", static_cast<std::int64_t>(failed_));
  report_.add("seconds", seconds_of(elapsed));
  report_.add("calls_per_second", static_cast<double>(done_) / seconds_of(elapsed));
  report_.add_cpu(before, after, "call", done_);
  report_.add_times("call", times_);
  return std::move(report_);
}

}  // namespace

Report measure_ticket(const Setting& setting, const TicketOptions& options) {
  return Calls(setting, options).run();
}

}  // namespace usher::bench
