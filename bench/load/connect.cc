// connect: handshakes, each followed by a farewell.
#include "bench/load/modes.h"
#include "bench/load/parts.h"

namespace usher::bench {
namespace {

// One thread's, at so many places at the door: when the client of one has left, the next one comes.
class Handshakes final : private Client::Listener {
 public:
  Handshakes(const Setting& setting, const ConnectOptions& options, Share clients,
             std::size_t places)
      : setting_(setting), options_(options), clients_(clients), places_max_(places) {}

  void prepare();
  void work();

  const Tally& tally() const { return tally_; }
  const Histogram& cycle_times() const { return cycle_times_; }

 private:
  bool prepare_tickets();
  void next(Client& client);
  void ended(Client& client);
  void on_in(Client& client, std::string_view first) override;
  void on_message(Client&, std::string_view) override {}
  void on_out(Client& client, std::uint16_t code, std::string_view why) override;

  const Setting& setting_;
  const ConnectOptions& options_;
  const Share clients_;
  const std::size_t places_max_;
  std::vector<std::unique_ptr<Client>> places_;
  std::vector<std::string> tickets_;
  std::size_t begun_ = 0;
  std::size_t done_ = 0;
  Tally tally_;
  Histogram cycle_times_;
};

bool Handshakes::prepare_tickets() {
  std::size_t left = clients_.count;
  for (std::size_t i = 0; i < clients_.count; ++i) {
    setting_.desk.ask(clients_.first + i,
                      [&](int status, std::string_view ticket, const HttpAnswer& answer) {
                        setting_.loop.progress();
                        --left;
                        if (status == 200) {
                          tickets_.emplace_back(ticket);
                        } else {
                          tally_.fail("POST /auth/ticket: " + std::to_string(status) + " " +
                                      std::string(answer.body.substr(0, 200)));
                        }
                      });
  }
  return setting_.loop.run([&] { return left == 0; }, setting_.target.patience) &&
         tally_.failure.empty();
}

void Handshakes::prepare() {
  if (!setting_.target.has_tickets()) return;
  std::string problem;
  if (!setting_.desk.prepare_tokens(clients_, problem)) return tally_.fail(problem);
  if (options_.tickets == Tickets::prepared && !prepare_tickets()) {
    tally_.fail("not all tickets could be had");
  }
}

void Handshakes::next(Client& client) {
  if (begun_ == clients_.count) return;
  const std::size_t number = begun_++;
  if (tickets_.empty()) return client.enter(clients_.first + number);
  client.enter_with(clients_.first + number, tickets_[number]);
}

void Handshakes::on_in(Client& client, std::string_view) {
  const TimePoint now = setting_.loop.now();
  tally_.record(now - client.upgrade_began());
  cycle_times_.record(now - client.began());
  if (options_.farewell == Farewell::frame) return client.say_goodbye();
  client.leave(/*reset=*/true);
  ended(client);
}

void Handshakes::on_out(Client& client, std::uint16_t code, std::string_view why) {
  if (!client.was_in()) {  // else it answers the farewell
    ++tally_.failed;
    tally_.fail("handshake " + std::to_string(client.index()) + ": " + std::to_string(code) + " " +
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

void Handshakes::work() {
  tally_.began = setting_.loop.now();
  for (std::size_t i = 0; i < std::min(places_max_, clients_.count); ++i) {
    places_.push_back(std::make_unique<Client>(setting_, static_cast<Client::Listener&>(*this)));
    next(*places_.back());
  }
  if (!setting_.loop.run([&] { return done_ == clients_.count; }, setting_.target.patience)) {
    tally_.fail("after " + std::to_string(done_) + " handshakes nothing happened any more");
  }
  tally_.ended = setting_.loop.now();
}

}  // namespace

Report measure_connect(LoadThreads& threads, const ConnectOptions& options) {
  Parts<Handshakes> parts;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    parts.push_back(std::make_unique<Handshakes>(
        threads[i], options, share_of(options.count, threads.size(), i),
        share_of(options.concurrency, threads.size(), i).count));
  }
  Report report("connect");
  Work work;
  if (!do_parts(threads, parts, work, report)) return report;
  report.add_attempts({"handshake", "handshakes", "upgrade"}, work);
  if (threads.target().has_tickets() && options.tickets == Tickets::each) {
    Histogram cycle_times;
    for (const auto& part : parts) cycle_times.merge(part->cycle_times());
    report.add_times("ticket_and_upgrade", cycle_times);
  }
  return report;
}

}  // namespace usher::bench
