#include "apps/demo/comparison.h"

#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <variant>

#include <boost/json/parse.hpp>

#include "apps/demo/before.h"
#include "client/client_session.h"

namespace usher::apps {
namespace {

using client::Instant;
using client::Millis;
using namespace std::chrono_literals;

constexpr Instant kEnd{10s};
constexpr Instant kBackAgain{3500ms};
constexpr Instant kTokenThere{50ms};
constexpr Millis kCall = 45ms;
constexpr Millis kUpgrade = 5ms;

// Virtual time: what is to happen, in order.
class Timeline {
 public:
  Instant now() const { return now_; }
  void after(Millis delay, std::function<void()> what) {
    events_.emplace(now_ + delay, std::move(what));
  }

  // The time of the last event may be beyond kEnd: then it does not happen.
  void run() {
    while (!events_.empty() && events_.begin()->first <= kEnd) {
      auto next = events_.extract(events_.begin());
      now_ = next.key();
      next.mapped()();
    }
  }
  bool has_more() const { return !events_.empty(); }

 private:
  Instant now_{};
  std::multimap<Instant, std::function<void()>> events_;
};

// How the gateway answers under a fault.
struct TicketAnswer {
  std::optional<int> status;  // 200: a ticket
  std::string code;
};

TicketAnswer answer_ticket(DemoFault fault, Instant now, bool has_token) {
  const bool back = now >= kBackAgain;
  if (fault == DemoFault::gateway_down && !back) return {{}, ""};
  if (!has_token) return {401, "MISSING_AUTH"};
  switch (fault) {
    case DemoFault::forged_token:
      return {401, "INVALID_TOKEN"};
    case DemoFault::no_session:
      return {401, "MISSING_SESSION"};
    case DemoFault::store_down:
      if (!back) return {503, "STORE_UNAVAILABLE"};
      return {200, ""};
    case DemoFault::none:
    case DemoFault::gateway_down:
    case DemoFault::foreign_origin:
    case DemoFault::refused_ticket:
      return {200, ""};
  }
  return {};
}

// The reason of the close with 1008 that follows the upgrade; empty: the connection stands.
std::string close_reason(DemoFault fault) {
  if (fault == DemoFault::foreign_origin) return "ORIGIN_BLOCKED";
  if (fault == DemoFault::refused_ticket) return "NOT_AUTHORIZED";
  return "";
}

double in_ms(Instant at) { return static_cast<double>(at.time_since_epoch().count()); }

class BeforeRun {
 public:
  explicit BeforeRun(DemoFault fault) : fault_(fault) {}

  DemoTally run() {
    follow(client_.connect());
    timeline_.run();
    tally_.lines = static_cast<int>(client_.log().size());
    tally_.goes_on = timeline_.has_more();
    return tally_;
  }

 private:
  void follow(BeforeClient::Next next) {
    switch (next.kind) {
      case BeforeClient::Next::Kind::ask_ticket:
        return ask();
      case BeforeClient::Next::Kind::open_socket:
        return open();
      case BeforeClient::Next::Kind::wait:
        return timeline_.after(next.wait, [this] { follow(client_.connect()); });
      case BeforeClient::Next::Kind::nothing:
        return;
    }
  }
  void ask() {
    ++tally_.ticket_requests;
    const bool has_token = timeline_.now() >= kTokenThere;  // the race: nobody waited for it
    const TicketAnswer answer = answer_ticket(fault_, timeline_.now(), has_token);
    timeline_.after(kCall, [this, answer] {
      follow(answer.status == 200 ? client_.ticket_came()
                                  : client_.ticket_failed(answer.status.value_or(0)));
    });
  }
  void open() {
    ++tally_.sockets;
    timeline_.after(kUpgrade, [this] {
      if (!close_reason(fault_).empty()) return follow(client_.closed());
      tally_.connected_at_ms = in_ms(timeline_.now());
      follow(client_.connected());
    });
  }

  const DemoFault fault_;
  Timeline timeline_;
  BeforeClient client_;
  DemoTally tally_;
};

class AfterRun {
 public:
  explicit AfterRun(DemoFault fault) : fault_(fault) {}

  DemoTally run() {
    take(client::Connect{});
    timeline_.run();
    tally_.goes_on = session_.status() == client::Status::reconnecting;
    return tally_;
  }

 private:
  void take(const client::Input& input) {
    const client::Output output = session_.handle(input, timeline_.now());
    tally_.lines += static_cast<int>(output.log.size());
    for (const client::Effect& effect : output.effects) {
      std::visit([this](const auto& one) { perform(one); }, effect);
    }
    if (session_.status() == client::Status::connected && tally_.connected_at_ms < 0) {
      tally_.connected_at_ms = in_ms(timeline_.now());
    }
    arm();
  }
  void arm() {
    const auto due = session_.timer();
    if (!due || due == armed_for_ || *due < timeline_.now()) return;
    armed_for_ = due;
    timeline_.after(*due - timeline_.now(), [this] { take(client::Tick{}); });
  }

  void perform(const client::FetchToken& effect) {
    const Millis wait = std::max(Millis(0), kTokenThere - timeline_.now());
    timeline_.after(wait, [this, effect] {
      take(client::TokenReady{effect.attempt, "token", false});
    });
  }
  void perform(const client::FetchTicket& effect) {
    ++tally_.ticket_requests;
    const TicketAnswer answer = answer_ticket(fault_, timeline_.now(), true);
    timeline_.after(kCall, [this, effect, answer] {
      if (answer.status == 200) return take(client::TicketReady{effect.attempt, "ticket", 30s});
      take(client::TicketFailed{effect.attempt, {.status = answer.status, .code = answer.code}});
    });
  }
  void perform(const client::OpenSocket& effect) {
    ++tally_.sockets;
    timeline_.after(kUpgrade, [this, effect] {
      const std::string reason = close_reason(fault_);
      if (!reason.empty()) return take(client::SocketClosed{effect.attempt, 1008, reason, true});
      take(client::Frame{effect.attempt, boost::json::parse(R"({"push":{"connect":{}}})")});
    });
  }
  void perform(const client::Send&) {}
  void perform(const client::CloseSocket&) {}
  void perform(const client::Abort&) {}
  void perform(const client::AbortRefresh&) {}

  const DemoFault fault_;
  Timeline timeline_;
  client::ClientSession session_{{.url = "http://gateway.example"}, [] { return 0.5; }};
  std::optional<Instant> armed_for_;
  DemoTally tally_;
};

}  // namespace

DemoTally run_before(DemoFault fault) { return BeforeRun(fault).run(); }

DemoTally run_after(DemoFault fault) { return AfterRun(fault).run(); }

std::string outcome_text(const DemoTally& tally) {
  if (tally.connected_at_ms >= 0) {
    char text[48];
    std::snprintf(text, sizeof(text), "connected after %.1f s", tally.connected_at_ms / 1000);
    return text;
  }
  return tally.goes_on ? "still trying" : "stopped";
}

}  // namespace usher::apps
