#include "bench/load/storm.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "bench/load/crowd.h"
#include "bench/load/fanout_message.h"
#include "bench/load/gateway_process.h"
#include "bench/load/storm_client.h"
#include "bench/load/storm_observer.h"
#include "wire/json_text.h"

namespace usher::bench {
namespace {

constexpr Duration kStart = std::chrono::milliseconds(500);
constexpr Duration kBefore = std::chrono::seconds(6);  // long enough to count as stable
constexpr Duration kAfter = std::chrono::seconds(2);
constexpr std::size_t kMessageBytes = 64;

class Storm final : private StormWatch {
 public:
  Storm(const Setting& setting, const StormOptions& options)
      : setting_(setting),
        options_(options),
        gateway_(options.command),
        line_(setting.loop, setting.target.address, 0),
        observer_(setting.loop, options) {}

  Report run();

 private:
  bool bring_all_in();
  void let_more_in();
  void publish();
  void wait(Duration duration) {
    setting_.loop.run([] { return false; }, duration);
  }
  void strike();
  void add_results();

  void on_asked() override;
  void on_refused() override { ++refused_; }
  void on_in(StormClient& client) override;
  void on_lost(StormClient& client) override;
  void on_trouble(std::string why) override { report_.fail(std::move(why)); }

  const Setting& setting_;
  const StormOptions& options_;
  GatewayProcess gateway_;
  HttpLine line_;
  StormObserver observer_;
  wire::JsonReader json_;
  std::vector<std::unique_ptr<StormClient>> clients_;
  std::size_t in_ = 0;
  std::size_t lost_ = 0;
  bool struck_ = false;
  TimePoint struck_at_;
  bool publishing_ = false;
  std::size_t published_ = 0;
  std::size_t not_accepted_ = 0;
  std::vector<std::size_t> accepted_;  // numbers of messages
  std::uint64_t asked_ = 0;            // since it was struck
  std::uint64_t refused_ = 0;
  std::vector<std::uint64_t> asked_in_second_;
  std::vector<Duration> back_after_;
  Report report_{"storm"};
};

void Storm::on_asked() {
  if (!struck_) return;
  ++asked_;
  const auto second =
      static_cast<std::size_t>((setting_.loop.now() - struck_at_) / std::chrono::seconds(1));
  if (second >= asked_in_second_.size()) asked_in_second_.resize(second + 1);
  ++asked_in_second_[second];
}

void Storm::on_in(StormClient&) {
  ++in_;
  setting_.loop.progress();
  if (struck_) {
    back_after_.push_back(setting_.loop.now() - struck_at_);
  } else {
    let_more_in();
  }
}

void Storm::on_lost(StormClient&) {
  --in_;
  ++lost_;
  if (!struck_) report_.fail("a client was thrown out before the gateway was killed");
}

void Storm::let_more_in() {
  while (clients_.size() < options_.clients && clients_.size() - in_ < kAtTheDoor) {
    clients_.push_back(std::make_unique<StormClient>(
        setting_, options_.channel, json_, static_cast<StormWatch&>(*this), clients_.size()));
    clients_.back()->enter();
  }
}

bool Storm::bring_all_in() {
  gateway_.start();
  wait(kStart);
  std::string problem;
  if (!setting_.desk.prepare_tokens({0, options_.clients}, problem)) {
    report_.fail(problem);
    return false;
  }
  let_more_in();
  const bool all =
      setting_.loop.run([&] { return in_ == options_.clients || !report_.failure().empty(); },
                        setting_.target.patience);
  if (!all) {
    report_.fail("only " + std::to_string(in_) + " clients got in; the gateway's log says why");
  }
  return all && report_.failure().empty();
}

// One after the other; what nobody confirmed was not accepted.
void Storm::publish() {
  if (!publishing_) return;
  const auto next =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / options_.per_second));
  setting_.loop.at(setting_.loop.now() + next, [this] { publish(); });
  if (!line_.is_free()) return;
  const std::size_t number = published_++;
  std::string body = "{\"channel\":";
  wire::append_json_string(body, options_.channel);
  body.append(",\"data\":").append(make_message(number, kMessageBytes)).append("}");
  line_.ask(make_post(setting_.target, setting_.target.path + "/api/publish",
                      "X-API-Key: " + options_.api_key + "\r\n", body),
            [this, number](const HttpAnswer& answer) {
              if (answer.status == 200 && answer.body.starts_with("{\"result\"")) {
                accepted_.push_back(number);
              } else if (answer.status < 400 || answer.status >= 500) {
                ++not_accepted_;  // nobody there, or its store is not
              } else {
                report_.fail("publish: " + std::to_string(answer.status) + " " +
                             std::string(answer.body.substr(0, 200)));
              }
            });
}

void Storm::strike() {
  struck_ = true;
  struck_at_ = setting_.loop.now();
  gateway_.kill();
  observer_.gateway_killed();
  setting_.loop.at(struck_at_ + options_.down_for, [this] {
    gateway_.start();
    observer_.gateway_started(gateway_.pid());
  });
}

void Storm::add_results() {
  std::uint64_t lost = 0, reported = 0, with_gap = 0;
  for (const auto& client : clients_) {
    const auto missing = static_cast<std::uint64_t>(std::count_if(
        accepted_.begin(), accepted_.end(), [&](std::size_t n) { return !client->has(n); }));
    (client->was_told_of_a_gap() ? reported : lost) += missing;
    with_gap += client->was_told_of_a_gap() ? 1 : 0;
  }
  std::sort(back_after_.begin(), back_after_.end());
  const auto back = [&](double share) {
    if (back_after_.empty()) return 0.0;
    const auto last = static_cast<double>(back_after_.size()) * share;
    return seconds_of(back_after_[std::max<std::size_t>(static_cast<std::size_t>(last), 1) - 1]);
  };
  const auto peak = std::max_element(asked_in_second_.begin(), asked_in_second_.end());
  report_.add("clients", static_cast<std::int64_t>(clients_.size()));
  report_.add("back", static_cast<std::int64_t>(in_));
  report_.add("back_50_percent_s", back(0.5));
  report_.add("back_99_percent_s", back(0.99));
  report_.add("back_all_s", back(1));
  report_.add("ticket_requests", static_cast<std::int64_t>(asked_));
  report_.add("ticket_requests_refused", static_cast<std::int64_t>(refused_));
  report_.add("ticket_requests_in_worst_second",
              peak == asked_in_second_.end() ? 0 : static_cast<std::int64_t>(*peak));
  report_.add("messages", static_cast<std::int64_t>(accepted_.size()));
  report_.add("messages_not_accepted", static_cast<std::int64_t>(not_accepted_));
  report_.add("clients_told_of_a_gap", static_cast<std::int64_t>(with_gap));
  report_.add("deliveries_in_told_gaps", static_cast<std::int64_t>(reported));
  report_.add("lost", static_cast<std::int64_t>(lost));
  observer_.add_to(report_);
  if (lost > 0) report_.fail(std::to_string(lost) + " deliveries were lost, and nobody was told");
}

Report Storm::run() {
  if (!bring_all_in()) return std::move(report_);
  if (!observer_.start(setting_.target.patience)) {
    observer_.add_to(report_);
    return std::move(report_);
  }
  publishing_ = true;
  publish();
  wait(kBefore);
  strike();
  const auto all_back = [&] { return lost_ >= options_.clients && in_ == options_.clients; };
  if (!setting_.loop.run(all_back, options_.down_for + setting_.target.patience)) {
    report_.fail("only " + std::to_string(in_) + " clients came back");
  }
  wait(kAfter);
  publishing_ = false;
  observer_.stop();
  wait(kAfter);  // for what is still on its way
  add_results();
  return std::move(report_);
}

}  // namespace

Report measure_storm(const Setting& setting, const StormOptions& options) {
  return Storm(setting, options).run();
}

}  // namespace usher::bench
