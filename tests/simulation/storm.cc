#include "simulation/storm.h"

#include <boost/json/parse.hpp>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "client/client_session.h"
#include "simulation/fixed_backoff.h"

namespace usher::simulation {
namespace {

using namespace client;
using namespace std::chrono_literals;

constexpr Millis kUp = 10s;           // before the node dies: its connections count as stable
constexpr Millis kGivenUpAfter = 1h;  // of virtual time

// SplitMix64: the same on every machine, and one word of state for all.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  double uniform() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
  }

 private:
  std::uint64_t state_;
};

enum class What : std::uint8_t { tick, ticket_asked, ticket_ready, ticket_refused, open, frame };

struct Event {
  Instant at;
  std::uint64_t order;  // of events at the same time, the one that was made first comes first
  std::uint32_t client;
  What what;

  friend bool operator>(const Event& a, const Event& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }
};

template <class Session>
class Storm {
 public:
  explicit Storm(const StormOptions& options)
      : options_(options),
        dice_(options.seed),
        gateway_(options.refuses, options.tickets_per_second),
        connect_push_(boost::json::parse(R"({"push":{"connect":{"reconnect_spread_ms":)" +
                                         std::to_string(options.reconnect_spread.count()) +
                                         "}}}")) {
    for (std::uint32_t i = 0; i < options.clients; ++i) {
      clients_.push_back({make_session(), Millis(5 + static_cast<int>(55 * dice_.uniform())), {}});
    }
  }

  StormResult run() {
    for (std::uint32_t i = 0; i < options_.clients; ++i) connect_quietly(i);
    died_at_ = now_ = Instant(kUp);
    for (std::uint32_t i = 0; i < options_.clients; ++i) {
      feed(i, SocketClosed{clients_[i].attempt, 1006, "", false});
    }
    while (!events_.empty() && back_ < options_.clients && now_ < died_at_ + kGivenUpAfter) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.at;
      happen(event);
    }
    result_.requests = gateway_.requests();
    result_.requests_peak = gateway_.requests_peak();
    result_.issued_peak = gateway_.issued_peak();
    return result_;
  }

 private:
  struct One {
    std::unique_ptr<Session> session;
    Millis latency;  // one way
    std::optional<Instant> tick_at;
    Attempt attempt = 0;
    HttpFailure refusal{};  // on its way
  };

  std::unique_ptr<Session> make_session() {
    const auto random = [this] { return dice_.uniform(); };
    if constexpr (std::is_same_v<Session, ClientSession>) {
      return std::make_unique<Session>(SessionOptions{"https://gw.example"}, random);
    } else {
      return std::make_unique<Session>(random);
    }
  }

  // On the node that will die. Its limits play no role here.
  void connect_quietly(std::uint32_t i) {
    Session& session = *clients_[i].session;
    session.handle(Connect{}, now_);
    session.handle(TokenReady{1, "token", false}, now_);
    session.handle(TicketReady{1, "ticket", 30s}, now_);
    session.handle(Frame{1, connect_push_}, now_);
    clients_[i].attempt = 1;
  }

  void happen(const Event& event) {
    One& one = clients_[event.client];
    switch (event.what) {
      case What::tick:
        if (one.tick_at != event.at) return;  // an earlier tick was asked for meanwhile
        one.tick_at.reset();
        return feed(event.client, Tick{});
      case What::ticket_asked: {
        auto refused = gateway_.ask_ticket(std::to_string(event.client), now_);
        const What answer = refused ? What::ticket_refused : What::ticket_ready;
        if (refused) one.refusal = std::move(*refused);
        return later(one.latency, event.client, answer);
      }
      case What::ticket_ready:
        return feed(event.client, TicketReady{one.attempt, "ticket", 30s});
      case What::ticket_refused:
        return feed(event.client, TicketFailed{one.attempt, std::move(one.refusal)});
      case What::open:  // with a ticket in hand: let in
        return later(one.latency, event.client, What::frame);
      case What::frame:
        feed(event.client, Frame{one.attempt, connect_push_});
        return count_back();
    }
  }

  void feed(std::uint32_t i, const Input& input) {
    const Output out = clients_[i].session->handle(input, now_);
    for (const Effect& effect : out.effects) carry_out(i, effect);
    watch_timer(i);
  }

  void carry_out(std::uint32_t i, const Effect& effect) {
    One& one = clients_[i];
    if (const auto* token = std::get_if<FetchToken>(&effect)) {
      one.attempt = token->attempt;
      feed(i, TokenReady{token->attempt, "token", true});
    } else if (const auto* ticket = std::get_if<FetchTicket>(&effect)) {
      one.attempt = ticket->attempt;
      later(one.latency, i, What::ticket_asked);
    } else if (std::holds_alternative<OpenSocket>(effect)) {
      later(2 * one.latency, i, What::open);  // TCP first
    }
  }

  void later(Millis after, std::uint32_t i, What what) {
    events_.push({now_ + after, ++order_, i, what});
  }

  void watch_timer(std::uint32_t i) {
    One& one = clients_[i];
    const auto due = one.session->timer();
    if (!due || (one.tick_at && *one.tick_at <= *due)) return;
    one.tick_at = due;
    events_.push({*due, ++order_, i, What::tick});
  }

  void count_back() {
    ++back_;
    const Millis since = now_ - died_at_;
    if (back_ == options_.clients / 2) result_.half = since;
    if (back_ == options_.clients - options_.clients / 100) result_.most = since;
    if (back_ == options_.clients) result_.all = since;
  }

  const StormOptions options_;
  Dice dice_;
  GatewayModel gateway_;
  const boost::json::value connect_push_;
  std::vector<One> clients_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t order_ = 0;
  Instant now_{};
  Instant died_at_{};
  std::uint32_t back_ = 0;
  StormResult result_;
};

}  // namespace

StormResult run_storm(const StormOptions& options) {
  if (options.kind == Clients::fixed_backoff) return Storm<FixedBackoff>(options).run();
  return Storm<ClientSession>(options).run();
}

}  // namespace usher::simulation
