#include "hooks/shard_ticket_hook.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "auth/key.h"
#include "support/manual_clock.h"
#include "support/manual_wall_clock.h"
#include "support/recording_log.h"
#include "support/seeded_entropy.h"

namespace usher::hooks {
namespace {

using namespace std::chrono_literals;
using session::Hook;
using Kind = session::HookEvent::Kind;
using Lines = std::vector<std::string>;
using Fields = std::vector<wire::HttpField>;

http_client::Answer status(int code, std::string body = "", std::string detail = "") {
  return {.status = code, .body = std::move(body), .retry_after = {}, .detail = std::move(detail)};
}

constexpr const char* kGood = R"({"session":"s1","expires_in":60})";

// The loop of the Outbound runs when the test says so, on its thread; the backend's answers are the
// test's.
class ShardTicketHookTest : public testing::Test {
 protected:
  struct Call {
    http_client::Request request;
    std::function<void(http_client::Answer)> done;
  };

  HookSenderOptions options() {
    HookSenderOptions made;
    made.endpoints[static_cast<std::size_t>(Hook::ticket)] =
        *http_client::parse_url("http://b/ticket");
    made.lane = {.running_max = 2, .waiting_max = 2, .timeout = 5s};
    made.ticket_headers = {"X-Tenant", "User-Agent"};
    made.node = "node-1";
    return made;
  }
  HookSenderDependencies dependencies() {
    return {.outbound = outbound,
            .clock = clock,
            .wall_clock = wall_clock,
            .entropy = entropy,
            .log = log,
            .metrics = metrics,
            .start_call = [this](http_client::Request request,
                                 std::function<void(http_client::Answer)> done,
                                 http_client::KeptConnections&) {
              calls.push_back({std::move(request), std::move(done)});
            }};
  }

  void ask(const Fields& fields, const char* address = "192.0.2.1") {
    wire::HttpRequest request;
    request.fields = fields;
    hook.ask({request, address}, [this](const ticket::TicketHookAnswer& answer) {
      answers.push_back(text_of(answer));
    });
    run();
  }
  void run() {
    outbound.io().restart();
    outbound.io().poll();
  }
  void answer(const http_client::Answer& said) {
    ASSERT_FALSE(calls.empty());
    const auto done = std::move(calls.front().done);
    calls.pop_front();
    done(said);
    run();
  }
  static std::string text_of(const ticket::TicketHookAnswer& answer) {
    if (const auto* claims = std::get_if<auth::Claims>(&answer)) {
      return claims->session + " iat " + std::to_string(*claims->iat) + " exp " +
             std::to_string(claims->exp);
    }
    if (const auto* refusal = std::get_if<ticket::BackendRefusal>(&answer)) {
      return std::to_string(refusal->status) + " " + refusal->code;
    }
    switch (std::get<ticket::TicketHookFault>(answer)) {
      case ticket::TicketHookFault::no_credentials:
        return "no credentials";
      case ticket::TicketHookFault::no_room:
        return "no room";
      case ticket::TicketHookFault::unavailable:
        return "unavailable";
    }
    return "";
  }
  Lines field(const std::string& name) const {
    Lines values;
    for (const auto& [key, value] : calls.front().request.fields) {
      if (key == name) values.push_back(value);
    }
    return values;
  }
  std::uint64_t count(HookOutcome outcome) const { return metrics.value(Kind::ticket, outcome); }

  test::ManualClock clock;
  test::ManualWallClock wall_clock;
  test::SeededEntropy entropy;
  test::RecordingLog log;
  HookMetrics metrics;
  http_client::Outbound outbound{""};
  std::deque<Call> calls;
  TicketFlights flights{entropy};
  HookSender sender{options(), dependencies(),
                    std::make_shared<HookSigner>(std::vector<auth::Key>{
                        auth::secret_key("a secret of thirty-two bytes, ok")})};
  ShardTicketHook hook{sender, flights, [](UniqueFunction<void()> task) { task(); }};
  Lines answers;
};

TEST_F(ShardTicketHookTest, TheBackendGetsTheCredentialsAndWhoseTheyAre) {
  ask({{"Cookie", "sid=1"},
       {"Cookie", "b=2"},
       {"Authorization", "Bearer opaque"},
       {"X-Tenant", "acme"},
       {"User-Agent", "Firefox"},
       {"X-Other", "no"},
       {"Origin", "https://app.example"}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls.front().request.endpoint.target, "/ticket");
  EXPECT_EQ(calls.front().request.body,
            R"({"origin":"https://app.example","address":"192.0.2.1"})");
  EXPECT_EQ(field("cookie"), Lines{"sid=1; b=2"});
  EXPECT_EQ(field("authorization"), Lines{"Bearer opaque"});
  EXPECT_EQ(field("x-tenant"), Lines{"acme"});
  EXPECT_EQ(field("user-agent"), Lines{"Firefox"});
  EXPECT_EQ(field("User-Agent"), Lines{}) << "usher's own gives way";
  EXPECT_EQ(field("X-Other"), Lines{});
  EXPECT_EQ(field("ce-type"), Lines{"usher.ticket"});
  EXPECT_EQ(field("ce-subject"), Lines{"192.0.2.1"});
  EXPECT_EQ(field(std::string(kHookSignatureField)).size(), 1u);
}

TEST_F(ShardTicketHookTest, WithoutAnOriginTheBodySaysNull) {
  ask({{"Cookie", "a=1"}});
  EXPECT_EQ(calls.front().request.body, R"({"origin":null,"address":"192.0.2.1"})");
}

TEST_F(ShardTicketHookTest, AGrantIsOfTheSecondInWhichTheBackendWasAsked) {
  const std::int64_t asked_at = unix_seconds(wall_clock.now());
  ask({{"Cookie", "a=1"}});
  clock.advance(2s);
  wall_clock.advance(2s);
  answer(status(200, kGood));
  EXPECT_EQ(answers,
            Lines{"s1 iat " + std::to_string(asked_at) + " exp " + std::to_string(asked_at + 62)});
  EXPECT_EQ(count(HookOutcome::answered), 1u);
  EXPECT_EQ(sender.room(Hook::ticket).requests(), 0u);
}

TEST_F(ShardTicketHookTest, WhoeverHasNoCredentialsIsNotAskedAbout) {
  ask({});
  ask({{"Origin", "https://app.example"}, {"Cookie", ""}});
  EXPECT_EQ(calls.size(), 0u);
  EXPECT_EQ(answers, (Lines{"no credentials", "no credentials"}));
}

TEST_F(ShardTicketHookTest, TheSameCredentialIsAskedAboutOnceASecond) {
  for (int i = 0; i < 3; ++i) ask({{"Cookie", "a=1"}});
  ASSERT_EQ(calls.size(), 1u);
  answer(status(401));
  ask({{"Cookie", "a=1"}});
  EXPECT_EQ(answers, (Lines{"401 ", "401 ", "401 ", "401 "}));
  EXPECT_EQ(calls.size(), 0u);
  clock.advance(1s);
  ask({{"Cookie", "a=1"}});
  EXPECT_EQ(calls.size(), 1u);
  EXPECT_EQ(count(HookOutcome::refused), 1u);
}

TEST_F(ShardTicketHookTest, AnotherOriginAddressOrHeaderIsAnotherQuestion) {
  ask({{"Cookie", "a=1"}});
  ask({{"Cookie", "a=1"}, {"Origin", "https://app.example"}});
  ask({{"Cookie", "a=1"}}, "192.0.2.2");
  ask({{"Cookie", "a=1"}, {"X-Tenant", "acme"}});
  EXPECT_EQ(sender.room(Hook::ticket).requests(), 4u);
}

TEST_F(ShardTicketHookTest, WhatIsNoAnswerIsUnavailableAndSharedToo) {
  const std::vector<http_client::Answer> faults = {
      status(500),
      status(302),
      status(200, "<html>"),
      status(200, "{}"),
      status(200, "", "reading: body limit exceeded"),
      {.status = {}, .body = {}, .retry_after = {}, .detail = "no answer in time", .late = true}};
  for (const auto& fault : faults) {
    ask({{"Cookie", "secret-cookie"}});
    ask({{"Cookie", "secret-cookie"}});
    answer(fault);
    EXPECT_EQ(answers, (Lines{"unavailable", "unavailable"}));
    answers.clear();
    clock.advance(1s);
  }
  EXPECT_EQ(count(HookOutcome::failed), 5u);
  EXPECT_EQ(count(HookOutcome::late), 1u);
  EXPECT_EQ(log.count("hook: 'ticket'"), 6u);
  EXPECT_EQ(log.count("login page"), 1u) << "of the redirect";
  EXPECT_EQ(log.count("secret-cookie"), 0u);
}

TEST_F(ShardTicketHookTest, ARefusalCountsEvenIfItsPageIsTooLarge) {
  ask({{"Cookie", "a=1"}});
  answer(status(403, "", "reading: body limit exceeded"));
  EXPECT_EQ(answers, Lines{"403 "});
}

TEST_F(ShardTicketHookTest, BeyondTheRoomTheAnswerComesAtOnceAndIsNotKept) {
  for (const char* cookie : {"1", "2", "3", "4"}) ask({{"Cookie", cookie}});
  EXPECT_EQ(calls.size(), 2u) << "two run, two wait";
  ask({{"Cookie", "5"}});
  EXPECT_EQ(answers, Lines{"no room"});
  EXPECT_EQ(count(HookOutcome::no_room), 1u);
  answer(status(200, kGood));
  ask({{"Cookie", "5"}});
  EXPECT_EQ(answers.size(), 2u);
  EXPECT_EQ(sender.room(Hook::ticket).requests(), 4u) << "5 has the place now";
}

TEST_F(ShardTicketHookTest, WhoWaitsTooLongForItsTurnIsLate) {
  for (const char* cookie : {"1", "2", "3"}) ask({{"Cookie", cookie}});
  clock.advance(5s);
  answer(status(200, kGood));
  EXPECT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers.back(), "unavailable");
  EXPECT_EQ(count(HookOutcome::late), 1u);
}

}  // namespace
}  // namespace usher::hooks
