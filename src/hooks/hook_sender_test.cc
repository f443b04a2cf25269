#include "hooks/hook_sender.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "auth/key.h"
#include "hooks/hook_answer.h"
#include "hooks/shard_hooks.h"
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

http_client::Answer status(int code, std::string body = "") {
  return {.status = code, .body = std::move(body)};
}

// The loop of the Outbound runs when the test says so, on its thread; the backend's answers are the
// test's.
class HookSenderTest : public testing::Test {
 protected:
  struct Call {
    http_client::Request request;
    std::function<void(http_client::Answer)> done;
    const http_client::KeptConnections* connections;
  };

  HookSenderOptions options() {
    HookSenderOptions made;
    made.endpoints[static_cast<std::size_t>(Hook::rpc)] = *http_client::parse_url("http://b/rpc");
    made.endpoints[static_cast<std::size_t>(Hook::connected)] =
        *http_client::parse_url("http://b/connected");
    made.lane = {.running_max = 2,
                 .waiting_max = 2,
                 .timeout = 5s,
                 .attempts_max = 2,
                 .backoff_first = 1s,
                 .backoff_max = 1s};
    made.data_bytes_max = 100;
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
                                 http_client::KeptConnections& connections) {
              calls.push_back({std::move(request), std::move(done), &connections});
            }};
  }

  void ask(std::string data = "{}", Kind kind = Kind::rpc) {
    hooks.ask({.kind = kind, .client = "c", .session = "s", .name = "n", .data = data},
              [this](session::HookAnswer answer) { answers.push_back(text_of(answer)); });
    run();
  }
  void tell(Kind kind) {
    hooks.tell({.kind = kind, .client = "c", .session = "s"});
    run();
  }
  // Runs the work that waits on the Outbound's loop.
  void run() {
    outbound.io().restart();
    outbound.io().poll();
  }
  void answer(const http_client::Answer& said) {
    const auto done = std::move(calls.front().done);
    calls.pop_front();
    done(said);
  }
  static std::string text_of(const session::HookAnswer& answer) {
    const auto* error = std::get_if<session::HookError>(&answer);
    return error == nullptr ? std::get<std::string>(answer)
                            : "error " + std::to_string(error->code);
  }
  std::size_t held(Hook hook) { return sender.room(hook).requests(); }

  test::ManualClock clock;
  test::ManualWallClock wall_clock;
  test::SeededEntropy entropy;
  test::RecordingLog log;
  HookMetrics metrics;
  http_client::Outbound outbound{""};
  std::deque<Call> calls;
  HookSender sender{options(), dependencies(),
                    std::make_shared<HookSigner>(std::vector<auth::Key>{})};
  ShardHooks hooks{sender, [](UniqueFunction<void()> task) { task(); }};
  Lines answers;
};

TEST_F(HookSenderTest, ARequestGoesToItsHookAndTheAnswerComesBack) {
  ask(R"({"x":1})");
  ASSERT_EQ(calls.size(), 1u);
  const http_client::Request& request = calls.front().request;
  EXPECT_EQ(request.endpoint.target, "/rpc");
  EXPECT_EQ(request.method, http_client::Method::post);
  EXPECT_NE(request.body.find(R"({"x":1})"), std::string::npos);
  EXPECT_EQ(request.timeout, Duration(5s));
  for (const auto& [name, value] : request.fields) EXPECT_NE(name, kHookSignatureField);
  answer(status(200, R"({"data":{"y":2}})"));
  EXPECT_EQ(answers, Lines{R"({"y":2})"});
  EXPECT_EQ(held(Hook::rpc), 0u);
  EXPECT_EQ(metrics.value(Kind::rpc, HookOutcome::answered), 1u);
  EXPECT_TRUE(log.lines.empty());
}

TEST_F(HookSenderTest, ARequestIsSignedWithTheSecretsOfTheMoment) {
  sender.set_signer(
      std::make_shared<HookSigner>(std::vector<auth::Key>{auth::secret_key(std::string(32, 'k'))}));
  ask();
  const auto& fields = calls.front().request.fields;
  EXPECT_EQ(fields.back().first, kHookSignatureField);
  EXPECT_TRUE(fields.back().second.starts_with("t=1800000000,v2="));
}

TEST_F(HookSenderTest, AnErrorOfTheBackendIsPassedOnAndCountedAsRefused) {
  ask();
  answer(status(200, R"({"error":{"code":1234,"message":"no"}})"));
  EXPECT_EQ(answers, Lines{"error 1234"});
  EXPECT_EQ(metrics.value(Kind::rpc, HookOutcome::refused), 1u);
}

TEST_F(HookSenderTest, AnAnswerThatIsNoneIsATemporaryFailureWithItsReasonInTheLog) {
  ask();
  answer(status(500));
  ask();
  answer({.detail = "connection refused"});
  ask();
  answer({.detail = "no answer", .late = true});
  ask();
  answer(status(200, R"({"data":")" + std::string(101, 'x') + R"("})"));
  EXPECT_EQ(answers, Lines(4, "error 100"));
  EXPECT_EQ(metrics.value(Kind::rpc, HookOutcome::failed), 3u);
  EXPECT_EQ(metrics.value(Kind::rpc, HookOutcome::late), 1u);
  EXPECT_EQ(log.count("500"), 1u);
  EXPECT_EQ(log.count("connection refused"), 1u);
  EXPECT_EQ(held(Hook::rpc), 0u);
}

TEST_F(HookSenderTest, RequestsBeyondTheLimitWaitAndHaveTheRestOfTheirTime) {
  for (int i = 0; i < 3; ++i) ask();
  EXPECT_EQ(calls.size(), 2u);
  clock.advance(2s);
  answer(status(200, R"({"data":1})"));
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls.back().request.timeout, Duration(3s));
}

TEST_F(HookSenderTest, ARequestThatHasWaitedTooLongIsNotSent) {
  for (int i = 0; i < 3; ++i) ask();
  clock.advance(5s);
  answer(status(200, R"({"data":1})"));
  EXPECT_EQ(answers, (Lines{"1", "error 100"}));
  EXPECT_EQ(calls.size(), 1u);
  EXPECT_EQ(metrics.value(Kind::rpc, HookOutcome::late), 1u);
}

TEST_F(HookSenderTest, ARequestWithoutRoomIsAnsweredAtOnce) {
  for (int i = 0; i < 5; ++i) ask();
  EXPECT_EQ(answers, Lines{"error 111"});
  EXPECT_EQ(held(Hook::rpc), 4u);
  EXPECT_EQ(metrics.value(Kind::rpc, HookOutcome::no_room), 1u);
}

TEST_F(HookSenderTest, AHookThatHangsHoldsUpNoOther) {
  for (int i = 0; i < 4; ++i) ask();
  tell(Kind::connected);
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_EQ(calls.back().request.endpoint.target, "/connected");
  EXPECT_NE(calls.back().connections, calls.front().connections);
}

TEST_F(HookSenderTest, ANotificationIsTriedAgainLaterUpToItsAttempts) {
  tell(Kind::connected);
  answer(status(503));
  EXPECT_TRUE(calls.empty());
  EXPECT_EQ(metrics.retries, 1u);
  EXPECT_EQ(held(Hook::connected), 1u);
  clock.advance(1s);
  ask();  // any work looks at what is due
  ASSERT_EQ(calls.size(), 2u);
  answer(status(200, R"({"data":1})"));
  answer({.detail = "connection refused"});
  EXPECT_EQ(metrics.value(Kind::connected, HookOutcome::failed), 1u);
  EXPECT_EQ(held(Hook::connected), 0u);
  EXPECT_EQ(log.count("connection refused"), 1u);
}

TEST_F(HookSenderTest, ANotificationThatIsRefusedForGoodIsNotTriedAgain) {
  tell(Kind::connected);
  answer(status(400));
  EXPECT_EQ(metrics.retries, 0u);
  EXPECT_EQ(metrics.value(Kind::connected, HookOutcome::failed), 1u);
}

TEST_F(HookSenderTest, AMessageOfAClientIsSentOnce) {
  tell(Kind::send);
  EXPECT_EQ(calls.front().request.endpoint.target, "/rpc");
  answer(status(503));
  EXPECT_EQ(metrics.retries, 0u);
  EXPECT_EQ(metrics.value(Kind::send, HookOutcome::failed), 1u);
}

TEST_F(HookSenderTest, AHookThatIsNotConfiguredIsNotTold) {
  EXPECT_FALSE(sender.has(Hook::disconnected));
  tell(Kind::disconnected);
  EXPECT_TRUE(calls.empty());
}

TEST_F(HookSenderTest, TheEndWaitsForNotificationsThatRunAndGivesUpRetries) {
  tell(Kind::connected);
  answer(status(503));  // waits for its second attempt
  tell(Kind::connected);
  sender.finish(1h);
  run();
  EXPECT_EQ(metrics.value(Kind::connected, HookOutcome::failed), 1u) << "the retry";
  EXPECT_EQ(log.count("the node has stopped"), 1u);
  EXPECT_FALSE(outbound.io().stopped());
  answer(status(200));
  EXPECT_TRUE(outbound.io().stopped());
  EXPECT_EQ(metrics.value(Kind::connected, HookOutcome::answered), 1u);
}

TEST_F(HookSenderTest, TheEndDoesNotWaitForRequestsThatHaveAnAsker) {
  ask();
  sender.finish(1h);
  run();
  EXPECT_TRUE(outbound.io().stopped());
  EXPECT_TRUE(answers.empty());
}

}  // namespace
}  // namespace usher::hooks
