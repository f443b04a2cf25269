// ticket: HTTP calls alone, one after the other on each connection.
#include "bench/load/modes.h"
#include "bench/load/parts.h"

namespace usher::bench {
namespace {

constexpr std::size_t kSessions = 1000;  // among which the tickets are spread

// One thread's calls, and the sessions and keep-alive connections that it makes them with.
struct CallShares {
  std::size_t calls;
  Share sessions;
  Share lines;
};

class Calls {
 public:
  Calls(const Setting& setting, const TicketOptions& options, CallShares shares)
      : setting_(setting), options_(options), shares_(shares) {}

  void prepare();
  void work();
  const Tally& tally() const { return tally_; }

 private:
  void ask(HttpLine& line);
  void take(HttpLine& line, TimePoint began, const HttpAnswer& answer);

  const Setting& setting_;
  const TicketOptions& options_;
  const CallShares shares_;
  std::vector<std::unique_ptr<HttpLine>> lines_;
  std::vector<std::string> requests_;
  std::size_t begun_ = 0;
  Tally tally_;
};

void Calls::prepare() {
  const Target& target = setting_.target;
  if (options_.plain_get) {
    requests_.push_back("GET " + target.path + " HTTP/1.1\r\nHost: " + target.authority + "\r\n" +
                        target.fields + "\r\n");
    return;
  }
  std::string problem;
  if (!setting_.desk.prepare_tokens(shares_.sessions, problem)) return tally_.fail(problem);
  for (std::size_t i = 0; i < shares_.sessions.count; ++i) {
    requests_.push_back(setting_.desk.ticket_request(shares_.sessions.first + i));
  }
}

void Calls::ask(HttpLine& line) {
  if (begun_ == shares_.calls) return;
  const std::string& request = requests_[begun_++ % requests_.size()];
  line.ask(request, [this, &line, began = setting_.loop.now()](const HttpAnswer& answer) {
    take(line, began, answer);
  });
}

void Calls::take(HttpLine& line, TimePoint began, const HttpAnswer& answer) {
  setting_.loop.progress();
  tally_.record(setting_.loop.now() - began);
  if (answer.status != 200) {
    ++tally_.failed;
    tally_.fail("HTTP " + std::to_string(answer.status) + " " +
                std::string(answer.body.substr(0, 200)));
  }
  // Not from within the line's own call when it was lost: it has yet to close.
  setting_.loop.at_end_of_turn([this, &line] { ask(line); });
}

void Calls::work() {
  const Target& target = setting_.target;
  tally_.began = setting_.loop.now();
  for (std::size_t i = 0; i < shares_.lines.count; ++i) {
    lines_.push_back(
        std::make_unique<HttpLine>(setting_.loop, target.address, shares_.lines.first + i));
    ask(*lines_.back());
  }
  if (!setting_.loop.run([&] { return tally_.done == shares_.calls; }, target.patience)) {
    tally_.fail("after " + std::to_string(tally_.done) + " calls nothing happened any more");
  }
  tally_.ended = setting_.loop.now();
}

}  // namespace

Report measure_ticket(LoadThreads& threads, const TicketOptions& options) {
  const std::size_t n = threads.size();
  Parts<Calls> parts;
  for (std::size_t i = 0; i < n; ++i) {
    parts.push_back(std::make_unique<Calls>(
        threads[i], options,
        CallShares{share_of(options.count, n, i).count, share_of(kSessions, n, i),
                   share_of(options.concurrency, n, i)}));
  }
  Report report("ticket");
  Work work;
  if (do_parts(threads, parts, work, report)) report.add_attempts({"call", "calls", "call"}, work);
  return report;
}

}  // namespace usher::bench
