#include "client/client_session.h"

#include <random>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "support/session_driver.h"

// tests/scenarios/*.json test the rules one by one. Here are the tests that only code can express.
namespace usher::client {
namespace {

using namespace std::chrono_literals;
using test::effects_of;
using test::events_of;
using test::SessionDriver;

TEST(ClientSessionTest, SaysWhyItStoppedUntilItIsAskedToConnectAgain) {
  SessionDriver driver;
  driver.handle(Connect{});
  driver.walk_to_socket(1);
  driver.handle(SocketClosed{1, 1008, "ORIGIN_BLOCKED", true});
  ASSERT_TRUE(driver.session.failure());
  EXPECT_EQ(driver.session.failure()->code, 1008);
  EXPECT_EQ(driver.session.failure()->reason, "ORIGIN_BLOCKED");
  driver.handle(Connect{});
  EXPECT_FALSE(driver.session.failure());
  EXPECT_EQ(driver.session.status(), Status::connecting);
}

TEST(ClientSessionTest, AListenerThatConnectsAtOnceDoesNotSpin) {
  SessionDriver driver;
  int tokens = 0;
  driver.handle(Connect{});
  for (; driver.now < Instant(10s); driver.advance(100ms)) {
    const auto timer = driver.session.timer();
    if (timer && *timer <= driver.now) driver.handle(Tick{});
    const auto attempt = static_cast<Attempt>(tokens + 1);
    if (!events_of<Failed>(
             driver.handle(TokenFailed{attempt, {.status = 403, .code = "GUESTS_DISABLED"}}))
             .empty()) {
      ++tokens;
      driver.handle(Connect{});
    }
  }
  EXPECT_EQ(tokens, 10);
}

// Inputs of all kinds in a random order. It holds: one attempt at a time, growing numbers, nothing
// after a stop, one draw for each delay.
class RandomWalk {
 public:
  explicit RandomWalk(unsigned seed) : random_(seed) {}

  void step() {
    driver_.advance(Millis(below(3000)));
    const Input input = any_input();
    const int draws = driver_.draws;
    const Output out = driver_.handle(input);
    check(out, driver_.draws - draws);
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  Attempt some_attempt() { return below(4) == 0 ? below(last_ + 2) : last_; }

  Input any_input() {
    static const char* const frames[] = {
        "{}",
        R"({"push":{"connect":{"ping":25,"pong":true,"subs":{"a":{"epoch":"e","offset":1}}}}})",
        R"({"push":{"connect":{"reconnect_spread_ms":500}}})",
        R"({"push":{"disconnect":{"retry_after_ms":2000}}})",
        R"({"push":{"channel":"a","pub":{"data":{},"offset":9}}})",
        R"({"push":{"channel":"a","unsubscribe":{}}})",
        R"({"id":1,"subscribe":{"pending":true}})",
        R"({"id":1,"error":{"code":112}})",
        R"({"push":[],"id":"x"})",
        "[1]",
        "null"};
    static const int statuses[] = {200, 302, 400, 401, 403, 404, 408, 429, 500, 503};
    static const char* const codes[] = {"", "INVALID_TOKEN", "MISSING_SESSION", "NOT_FOUND",
                                        "other"};
    static const std::uint16_t closes[] = {1000, 1001, 1006, 1008, 3005, 3100, 3501, 4000, 4500};
    static const char* const reasons[] = {"", "NOT_AUTHORIZED", "ORIGIN_BLOCKED",
                                          "the ticket-secret"};
    HttpFailure failure;
    if (below(5) != 0) failure = {.status = statuses[below(10)], .code = codes[below(5)]};
    if (below(4) == 0) failure.retry_after = "3";
    switch (below(17)) {
      case 0:
        return Connect{};
      case 1:
        return below(8) == 0 ? Input(Disconnect{}) : Input(Connect{});
      case 2:
        return Subscribe{"a"};
      case 3:
        return Unsubscribe{"a"};
      case 4:
        return Publish{"a", 1};
      case 5:
        return TokenReady{some_attempt(), "token-secret", below(2) == 0};
      case 6:
        return TokenFailed{some_attempt(), failure};
      case 7:
        return TicketReady{some_attempt(), "ticket-secret", 30s};
      case 8:
        return TicketFailed{some_attempt(), failure};
      case 9:
        return SocketOpen{some_attempt()};
      case 10:
        return SocketClosed{some_attempt(), closes[below(9)], reasons[below(4)], false};
      case 11:
        return Online{};
      case 12:
        return below(4) == 0 ? Input(Offline{}) : Input(Online{});
      case 13:
        return below(2) == 0 ? Input(Visible{}) : Input(Hidden{});
      case 14:
        return Tick{};
      default:
        return Frame{some_attempt(), json::parse(frames[below(std::size(frames))])};
    }
  }

  void check(const Output& out, int draws) {
    int begun = 0;
    for (const Effect& effect : out.effects) {
      if (const auto* fetch = std::get_if<FetchToken>(&effect)) {
        EXPECT_GE(fetch->attempt, last_);
        begun += fetch->attempt > last_ ? 1 : 0;
        last_ = fetch->attempt;
      }
      const auto* ticket = std::get_if<FetchTicket>(&effect);
      const auto* socket = std::get_if<OpenSocket>(&effect);
      EXPECT_TRUE(!ticket || ticket->attempt == last_);
      EXPECT_TRUE(!socket || socket->attempt == last_);
    }
    EXPECT_LE(begun, 1);
    int delays = 0;
    for (const LogLine& line : out.log) {
      EXPECT_EQ(line.text.find("secret"), std::string::npos) << line.text;
      if (line.text.starts_with("[WS] Reconnecting in ") &&
          !line.text.starts_with("[WS] Reconnecting in 0ms")) {
        ++delays;
      }
    }
    EXPECT_LE(delays, draws);
    EXPECT_LE(draws, 1);
    for (std::size_t i = 1; i < out.status.size(); ++i) EXPECT_NE(out.status[i - 1], out.status[i]);
    const Status now = driver_.session.status();
    EXPECT_TRUE(out.status.empty() || out.status.back() == now);
    EXPECT_TRUE(now != Status::disconnected || !driver_.session.timer());
    EXPECT_TRUE(now == Status::disconnected || !driver_.session.failure());
    check_stages(out);
  }

  // The stages alone tell the status, the time of the next attempt, and why the client has stopped.
  void check_stages(const Output& out) {
    for (const StageChange& change : out.stages) {
      EXPECT_TRUE(change.stage == Stage::waiting || !change.delay);
      EXPECT_TRUE(!change.failure || change.failure->reason.find("secret") == std::string::npos);
      announced_ = change;
    }
    const Status now = driver_.session.status();
    EXPECT_EQ(announced_.stage == Stage::idle, now == Status::disconnected);
    EXPECT_EQ(announced_.stage == Stage::connected, now == Status::connected);
    EXPECT_EQ(announced_.stage == Stage::idle && announced_.failure,
              driver_.session.failure().has_value());
    if (announced_.stage == Stage::waiting && !out.stages.empty()) {
      const auto timer = driver_.session.timer();
      EXPECT_EQ(announced_.delay.has_value(), timer.has_value());
      EXPECT_TRUE(!timer || driver_.now + *announced_.delay == *timer);
    }
  }

  std::mt19937 random_;
  SessionDriver driver_;
  Attempt last_ = 0;
  StageChange announced_{Stage::idle, 0, {}, {}};
};

TEST(ClientSessionTest, KeepsItsPromisesWhateverComesInWhateverOrder) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWalk walk(seed);
    for (int i = 0; i < 300; ++i) walk.step();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace usher::client
