#include "client/ticket_desk.h"

#include <gtest/gtest.h>

// tests/scenarios/desk/*.json test the rules one by one. Here are the tests that only code can
// express.
namespace usher::client {
namespace {

using namespace std::chrono_literals;

template <class Kind, class Any>
std::vector<Kind> only(const std::vector<Any>& all) {
  std::vector<Kind> found;
  for (const Any& any : all) {
    if (const Kind* one = std::get_if<Kind>(&any)) found.push_back(*one);
  }
  return found;
}

class TicketDeskTest : public testing::Test {
 protected:
  DeskOutput handle(const DeskInput& input) { return desk.handle(input, now); }
  DeskOutput ask(Attempt attempt) { return handle(Ask{attempt, "https://gw.example/board"}); }
  void open(Attempt attempt) {
    handle(TokenReady{attempt, "token-secret", true});
    handle(TicketReady{attempt, "ticket-secret", 30s});
    handle(SocketOpen{attempt, "usher.accepted"});
  }

  int draws = 0;
  Instant now{};
  TicketDesk desk{/*has_token=*/true, [this] { return ++draws, 0.5; }};
};

TEST_F(TicketDeskTest, OneAskIsOneTokenOneTicketOneSocket) {
  EXPECT_EQ(only<FetchToken>(ask(1).effects).size(), 1u);
  const auto tickets = only<FetchTicket>(handle(TokenReady{1, "T", true}).effects);
  ASSERT_EQ(tickets.size(), 1u);
  EXPECT_TRUE(tickets[0].subs.empty());
  const auto sockets = only<OpenSocket>(handle(TicketReady{1, "abc", 30s}).effects);
  ASSERT_EQ(sockets.size(), 1u);
  EXPECT_EQ(sockets[0].url, "wss://gw.example/board?ticket=abc");
  EXPECT_EQ(only<Opened>(handle(SocketOpen{1, ""}).events).size(), 1u);
  const auto ended = only<Ended>(handle(SocketClosed{1, 1000, "bye", true}).events);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].why.code, 1000);
  EXPECT_FALSE(ended[0].hard);
  now += 1h;
  EXPECT_TRUE(handle(Tick{}).effects.empty()) << "nothing begins by itself";
}

TEST_F(TicketDeskTest, AfterAHardFailureNoAskLeavesTheMachine) {
  ask(1);
  const DeskOutput failed = handle(TokenFailed{1, {.status = 403, .code = "GUESTS_DISABLED"}});
  ASSERT_TRUE(desk.failure());
  EXPECT_EQ(only<Failed>(failed.events).size(), 1u);
  for (Attempt attempt = 2; attempt < 1000; ++attempt, now += 100ms) {
    const DeskOutput output = ask(attempt);
    EXPECT_TRUE(output.effects.empty());
    EXPECT_TRUE(output.log.empty());
    ASSERT_EQ(output.events.size(), 1u);
    const auto ended = only<Ended>(output.events);
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(ended[0].why.status, 403);
    EXPECT_EQ(ended[0].why.reason, "GUESTS_DISABLED");
    EXPECT_TRUE(ended[0].hard);
  }
  EXPECT_FALSE(desk.timer());
  handle(Reset{});
  EXPECT_FALSE(desk.failure());
  EXPECT_EQ(only<FetchToken>(ask(1000).effects).size(), 1u);
}

// A library that constructs its next socket in the close event of the last.
TEST_F(TicketDeskTest, AnEagerCallerIsHeldToTheBackoff) {
  Attempt attempt = 1;
  int tickets = 0;
  ask(attempt);
  for (const Instant end = now + 60s; now < end; now += 10ms) {
    DeskOutput output = handle(Tick{});
    if (only<FetchToken>(output.effects).empty() && attempt > 1) continue;
    handle(TokenReady{attempt, "T", true});
    handle(TicketReady{attempt, "abc", 30s});
    ++tickets;
    output = handle(SocketClosed{attempt, 1013, "UPSTREAM_UNAVAILABLE", true});
    ASSERT_EQ(only<Ended>(output.events).size(), 1u);
    ask(++attempt);
  }
  // 250, 500, 1000, 2000, 4000 ms, and from then on every 5 s.
  EXPECT_EQ(tickets, 16);
}

TEST_F(TicketDeskTest, ACallerThatGivesUpEarlyIsHeldToTheBackoffToo) {
  Attempt attempt = 0;
  int tokens = 0;
  for (const Instant end = now + 60s; now < end; now += 10ms) {
    DeskOutput output = ask(++attempt);
    tokens += static_cast<int>(only<FetchToken>(output.effects).size());
    handle(Leave{attempt});
  }
  EXPECT_EQ(tokens, 16);
}

TEST_F(TicketDeskTest, WithoutFailuresManySocketsAreOpenedAtOnceAndAfterOneOnlyOneTries) {
  for (Attempt attempt = 1; attempt <= 5; ++attempt)
    EXPECT_EQ(only<FetchToken>(ask(attempt).effects).size(), 1u);
  for (Attempt attempt = 1; attempt <= 5; ++attempt) handle(TokenFailed{attempt, {.status = 503}});
  EXPECT_EQ(draws, 1) << "the other four belong to the same outage";
  for (Attempt attempt = 6; attempt <= 9; ++attempt) EXPECT_TRUE(ask(attempt).effects.empty());
  ASSERT_TRUE(desk.timer());
  now = *desk.timer();
  const auto tokens = only<FetchToken>(handle(Tick{}).effects);
  ASSERT_EQ(tokens.size(), 1u);
  EXPECT_EQ(tokens[0].attempt, 6u);
  open(6);
  now += 5s;
  EXPECT_EQ(only<FetchToken>(handle(Tick{}).effects).size(), 0u);
}

TEST_F(TicketDeskTest, AHardCloseOfOneSocketEndsTheAttemptsButNoOpenSocket) {
  for (Attempt attempt = 1; attempt <= 4; ++attempt) ask(attempt);
  open(1);
  open(2);
  const DeskOutput output = handle(SocketClosed{1, 3520, "SESSION_REVOKED", true});
  const auto aborts = only<Abort>(output.effects);
  ASSERT_EQ(aborts.size(), 2u);
  EXPECT_EQ(aborts[0].attempt, 3u);
  EXPECT_EQ(aborts[1].attempt, 4u);
  ASSERT_EQ(only<Ended>(output.events).size(), 3u);
  for (const Ended& ended : only<Ended>(output.events)) {
    EXPECT_TRUE(ended.hard);
    EXPECT_EQ(ended.why.code, 3520);
  }
  const auto second = only<Ended>(handle(SocketClosed{2, 1001, "", true}).events);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_FALSE(second[0].hard);
}

TEST_F(TicketDeskTest, NoSecretOfAnyAttemptIsShown) {
  ask(1);
  ask(2);
  handle(TokenReady{1, "token-secret", true});
  handle(TokenReady{7, "secret of no attempt", true});
  const auto output = handle(TokenFailed{2, {.status = 404, .code = "x token-secret"}});
  for (const LogLine& line : output.log)
    EXPECT_EQ(line.text.find("token-secret"), std::string::npos) << line.text;
  handle(TicketReady{1, "ticket-secret", 30s});
  const auto closed = handle(SocketClosed{1, 1008, "secret of no attempt", true});
  ASSERT_EQ(only<Ended>(closed.events).size(), 1u);
  EXPECT_EQ(only<Ended>(closed.events)[0].why.reason, "***");
}

}  // namespace
}  // namespace usher::client
