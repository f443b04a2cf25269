#include "pair/pair.h"

#include <algorithm>
#include <random>
#include <utility>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace usher::test {

namespace {

namespace json = boost::json;

constexpr int kStepsMax = 1'000'000;

client::Random random_of(unsigned seed) {
  return
      [random = std::mt19937(seed)]() mutable { return static_cast<double>(random()) * 0x1p-32; };
}

// The ticket in a socket's URL.
std::string ticket_in(const std::string& url) { return url.substr(url.find("ticket=") + 7); }

}  // namespace

// ---- one client ----

PairClient::PairClient(Pair& pair, std::string session, unsigned seed)
    : pair_(pair),
      session_(std::move(session)),
      core_({.url = "https://gw.example"}, random_of(seed)) {}

std::optional<TimePoint> PairClient::timer() const {
  const auto due = core_.timer();
  return due ? std::optional(pair_.time.moment_of(*due)) : std::nullopt;
}

void PairClient::handle(client::Input input) {
  carry_out(core_.handle(input, pair_.time.instant()));
}

void PairClient::carry_out(const client::Output& output) {
  for (const client::LogLine& line : output.log) log.push_back(line.text);
  for (const client::Effect& effect : output.effects) {
    std::visit([this](const auto& one) { perform(one); }, effect);
  }
  for (const client::Event& event : output.events) {
    std::visit([this](const auto& one) { note(one); }, event);
  }
}

void PairClient::perform(const client::FetchToken& effect) {
  attempts = static_cast<int>(effect.attempt);
  const bool cached = !effect.fresh && !stored_token_.empty();
  if (!cached) stored_token_ = pair_.gateway.sign_token(session_, token_life);
  pair_.time.plan(token_delay, [this, attempt = effect.attempt, token = stored_token_, cached] {
    handle(client::TokenReady{attempt, token, cached});
  });
}

void PairClient::perform(const client::FetchTicket& effect) {
  tokens.push_back(effect.token);
  const Duration delay = pair_.network.delay;
  if (pair_.network.is_down) {
    return pair_.time.plan(delay, [this, attempt = effect.attempt] {
      handle(client::TicketFailed{attempt, {}});
    });
  }
  pair_.time.plan(delay, [this, effect, delay] {
    auto answer = pair_.gateway.issue(
        effect.token, effect.subs.empty() ? std::string() : json::serialize(effect.subs));
    pair_.time.plan(delay, [this, attempt = effect.attempt, answer = std::move(answer)] {
      if (const auto* issued = std::get_if<std::string>(&answer)) {
        handle(client::TicketReady{attempt, *issued,
                                   std::chrono::floor<client::Millis>(Gateway::kTicketTtl)});
      } else {
        handle(client::TicketFailed{attempt, std::get<client::HttpFailure>(answer)});
      }
    });
  });
}

void PairClient::perform(const client::OpenSocket& effect) {
  line_ = &pair_.add_line(*this, effect.attempt, ticket.value_or(ticket_in(effect.url)));
}

void PairClient::perform(const client::Send& effect) {
  if (line_) line_->send(json::serialize(effect.data));
}

void PairClient::perform(const client::CloseSocket& effect) {
  if (Line* const line = std::exchange(line_, nullptr)) line->hang_up(effect.code);
}

void PairClient::perform(const client::Abort&) {
  if (Line* const line = std::exchange(line_, nullptr)) line->abandon();
}

void PairClient::note(const client::Publication& event) {
  messages.push_back(json::serialize(event.data));
}

void PairClient::on_text(client::Attempt attempt, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    handle(client::Frame{attempt, json::parse(text.substr(0, end))});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void PairClient::on_closed(client::Attempt attempt, std::uint16_t code, const std::string& reason,
                           bool clean) {
  line_ = nullptr;
  closes.push_back({attempt, code, reason, clean});
  handle(client::SocketClosed{attempt, code, reason, clean});
}

// ---- the pair ----

Pair::Pair(unsigned seed) : seed_(seed), client(add_client()) {}

PairClient& Pair::add_client() {
  const std::size_t number = clients_.size() + 1;
  clients_.push_back(
      std::make_unique<PairClient>(*this, "s" + std::to_string(number), seed_ * 1000 + number));
  return *clients_.back();
}

Line& Pair::add_line(Line::Client& end, client::Attempt attempt, std::string ticket) {
  lines_.push_back(std::make_unique<Line>(time, network, gateway.dependencies(), end, attempt,
                                          std::move(ticket)));
  return *lines_.back();
}

void Pair::drain(Duration retry_after) {
  gateway.draining = true;
  for (const auto& line : lines_) {
    if (line->is_open()) line->shut_down(retry_after);
  }
}

bool Pair::run(TimePoint end, const std::function<bool()>& done) {
  run_turns();
  for (int step = 0; step < kStepsMax; ++step) {
    if (done()) return true;
    const TimePoint at = std::max(next(), time.now());
    if (at > end) {
      time.advance_to(end);
      return false;
    }
    time.advance_to(at);
    run_one_step(at);
    run_turns();
  }
  ADD_FAILURE() << "the pair spins";
  return false;
}

// What has arrived comes before timers: a peer whose answer is here has not kept silent.
void Pair::run_one_step(TimePoint now) {
  if (time.next_event() <= now) return time.run_event();
  for (const auto& line : lines_) {
    if (line->deadline() && *line->deadline() <= now) return line->on_deadline();
  }
  for (const auto& one : clients_) {
    if (one->timer() && *one->timer() <= now) return one->tick();
  }
}

TimePoint Pair::next() const {
  TimePoint at = time.next_event();
  for (const auto& line : lines_) at = std::min(at, line->deadline().value_or(at));
  for (const auto& one : clients_) at = std::min(at, one->timer().value_or(at));
  return at;
}

// As the shard does: each session that has asked for a turn has one, until none asks.
void Pair::run_turns() {
  for (bool any = true; any;) {
    any = false;
    for (const auto& line : lines_) any = line->run_turn() || any;
  }
}

}  // namespace usher::test
