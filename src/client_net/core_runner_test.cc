#include "client_net/core_runner.h"

#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

namespace usher::client_net {
namespace {

const client::SessionOptions kOptions{.url = "https://gw.example"};

TEST(CoreRunnerTest, AnInputThatAnOutputCausesWaitsForItsTurn) {
  std::vector<std::string> order;
  SessionRunner* self = nullptr;
  SessionRunner runner(
      [&](const client::Output& output) {
        for (const client::Status status : output.status) {
          order.push_back("begins " + std::string(to_string(status)));
          if (status == client::Status::connecting) self->take(client::Disconnect{});
          order.push_back("ends " + std::string(to_string(status)));
        }
      },
      kOptions);
  self = &runner;
  runner.take(client::Connect{});
  EXPECT_EQ(order, (std::vector<std::string>{"begins connecting", "ends connecting",
                                             "begins disconnected", "ends disconnected"}));
}

TEST(CoreRunnerTest, TheTimerOfTheSessionBringsATick) {
  boost::asio::io_context io;
  bool again = false;
  SessionRunner* self = nullptr;
  SessionRunner runner(
      [&](const client::Output& output) {
        for (const client::Effect& effect : output.effects) {
          const auto* fetch = std::get_if<client::FetchToken>(&effect);
          if (fetch == nullptr) continue;
          again = fetch->attempt == 2;
          self->take(client::TokenFailed{fetch->attempt, {.status = 503}});
        }
      },
      kOptions);
  self = &runner;
  runner.start(io.get_executor(), [&] { runner.take(client::Tick{}); });
  runner.take(client::Connect{});
  EXPECT_EQ(runner.core().status(), client::Status::reconnecting);
  while (!again) io.run_one();
  runner.stop();
  io.run();  // ends, for nothing is left to do
}

TEST(CoreRunnerTest, ItsFailureIsTheSessions) {
  SessionRunner* self = nullptr;
  SessionRunner runner(
      [&](const client::Output& output) {
        if (!output.effects.empty())
          self->take(client::TokenFailed{1, {.status = 403, .code = "GUESTS_DISABLED"}});
      },
      kOptions);
  self = &runner;
  EXPECT_FALSE(runner.failure());
  runner.take(client::Connect{});
  ASSERT_TRUE(runner.failure());
  EXPECT_EQ(runner.failure()->status, 403);
}

TEST(SessionClockTest, AMomentIsTheSameOnBothClocks) {
  const SessionClock clock;
  const client::Instant now = clock.now();
  EXPECT_EQ(clock.to_boot_time(now + client::Millis(1500)) - clock.to_boot_time(now),
            std::chrono::milliseconds(1500));
  EXPECT_LE(now, clock.now());
}

}  // namespace
}  // namespace usher::client_net
