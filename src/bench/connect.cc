// connect: handshakes, each followed by a farewell.
#include <algorithm>
#include <memory>
#include <vector>

#include "bench/histogram.h"
#include "bench/modes.h"

namespace usher::bench {
namespace {

// A place at the door: when its client has left, the next one comes.
class Handshakes final : private Client::Owner {
 public:
  Handshakes(const Setting& setting, const ConnectOptions& options)
      : setting_(setting), options_(options) {}

  Report run();

 private:
  bool prepare_tickets();
  void next(Client& client);
  void ended(Client& client);
  void on_in(Client& client, std::string_view first) override;
  void on_message(Client&, std::string_view) override {}
  void on_out(Client& client, std::uint16_t code, std::string_view why) override;

  const Setting& setting_;
  const ConnectOptions& options_;
  std::vector<std::unique_ptr<Client>> places_;
  std::vector<std::string> tickets_;
  std::size_t begun_ = 0;
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
  Histogram handshake_times_;
  Histogram cycle_times_;
  Report report_{"connect"};
};

bool Handshakes::prepare_tickets() {
  std::size_t left = options_.count;
  for (std::size_t i = 0; i < options_.count; ++i) {
    setting_.desk.ask(i, [&](int status, std::string_view ticket, const HttpAnswer& answer) {
      setting_.loop.progress();
      --left;
      if (status == 200) {
        tickets_.emplace_back(ticket);
      } else {
        report_.fail("POST /auth/ticket: " + std::to_string(status) + " " +
                     std::string(answer.body.substr(0, 200)));
      }
    });
  }
  return setting_.loop.run([&] { return left == 0; }, setting_.target.patience) &&
         report_.failure().empty();
}

void Handshakes::next(Client& client) {
  if (begun_ == options_.count) return;
  const std::size_t index = begun_++;
  if (tickets_.empty()) return client.enter(index);
  client.enter_with(index, tickets_[index]);
}

void Handshakes::on_in(Client& client, std::string_view) {
  const TimePoint now = setting_.loop.now();
  handshake_times_.record(now - client.upgrade_began());
  cycle_times_.record(now - client.began());
  if (options_.farewell == Farewell::frame) return client.say_goodbye();
  client.leave(/*reset=*/true);
  ended(client);
}

void Handshakes::on_out(Client& client, std::uint16_t code, std::string_view why) {
  if (!client.was_in()) {  // else it answers the farewell
    ++failed_;
    report_.fail("handshake " + std::to_string(client.index()) + ": " + std::to_string(code) + " " +
                 std::string(why));
  }
  ended(client);
}

void Handshakes::ended(Client& client) {
  setting_.loop.progress();
  ++done_;
  // Not from within the client's own call.
  setting_.loop.at_end_of_turn([this, &client] { next(client); });
}

Report Handshakes::run() {
  const Target& target = setting_.target;
  if (target.door == Door::ticket) {
    std::string problem;
    if (!setting_.desk.prepare_tokens(options_.count, problem)) {
      report_.fail(problem);
      return std::move(report_);
    }
    if (options_.tickets == Tickets::prepared && !prepare_tickets()) {
      report_.fail("not all tickets could be had");
      return std::move(report_);
    }
  }
  const auto before = usage_at_rest(setting_.loop, target);
  const TimePoint began = setting_.loop.now();
  for (std::size_t i = 0; i < std::min(options_.concurrency, options_.count); ++i) {
    places_.push_back(std::make_unique<Client>(setting_, static_cast<Client::Owner&>(*this)));
    next(*places_.back());
  }
  if (!setting_.loop.run([&] { return done_ == options_.count; }, target.patience)) {
    report_.fail("after " + std::to_string(done_) + " handshakes nothing happened any more");
  }
  const Duration elapsed = setting_.loop.now() - began;
  const auto after = usage_at_rest(setting_.loop, target);
  const std::uint64_t good = handshake_times_.count();
  report_.add("handshakes", static_cast<std::int64_t>(good));
  report_.add("failed", static_cast<std::int64_t>(failed_));
  report_.add("seconds", seconds_of(elapsed));
  report_.add("handshakes_per_second", static_cast<double>(good) / seconds_of(elapsed));
  report_.add_cpu(before, after, "handshake", good);
  report_.add_times("upgrade", handshake_times_);
  if (target.door == Door::ticket && options_.tickets == Tickets::each) {
    report_.add_times("ticket_and_upgrade", cycle_times_);
  }
  return std::move(report_);
}

}  // namespace

Report measure_connect(const Setting& setting, const ConnectOptions& options) {
  return Handshakes(setting, options).run();
}

}  // namespace usher::bench
