#include "apps/bench/arguments.h"

#include <gtest/gtest.h>

#include <vector>

namespace usher::apps {
namespace {

struct Read {
  BenchArguments arguments;
  Parsed parsed{};
};

Read read(std::vector<std::string> words) {
  words.insert(words.begin(), "usher bench");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  Read read;
  read.parsed = parse_bench_arguments(read.arguments, static_cast<int>(argv.size()), argv.data());
  return read;
}

TEST(BenchArguments, EachModeIsASubcommandWithItsOwnOptions) {
  const Read connect =
      read({"connect", "--count", "7", "--tickets", "prepared", "--close", "reset"});
  ASSERT_TRUE(connect.parsed.go_on);
  EXPECT_EQ(connect.arguments.mode, BenchMode::connect);
  EXPECT_EQ(connect.arguments.connect.count, 7u);
  EXPECT_EQ(connect.arguments.connect.tickets, bench::Tickets::prepared);
  EXPECT_EQ(connect.arguments.connect.farewell, bench::Farewell::reset);
  EXPECT_EQ(read({"idle", "--count", "5"}).arguments.idle.count, 5u);
  EXPECT_EQ(read({"echo", "--bytes", "9"}).arguments.echo.bytes, 9u);
  EXPECT_EQ(read({"storm", "--command", "x", "--api-key-file", "k"}).arguments.storm.command, "x");
}

TEST(BenchArguments, SeveralProcessesMayBeWatched) {
  const Read found = read({"idle", "--target-pid", "1", "--target-pid", "2"});
  EXPECT_EQ(found.arguments.target_pids, (std::vector{1, 2}));
}

TEST(BenchArguments, ARateTakesThePlaceOfANumberInFlight) {
  const Read found = read({"fanout", "--rate", "20.5", "--api-key-file", "k"});
  EXPECT_EQ(found.arguments.fanout.per_second, 20.5);
  EXPECT_EQ(found.arguments.fanout.in_flight, 0u);
  EXPECT_FALSE(read({"fanout", "--rate", "5", "--in-flight", "2"}).parsed.go_on);
}

TEST(BenchArguments, ABareServerIsPublishedToByWebSocketUnlessToldOtherwise) {
  const Read by_default = read({"fanout", "--bare", "--publish-path", "/pub"});
  EXPECT_EQ(by_default.arguments.fanout.publish_by, bench::PublishBy::web_socket);
  EXPECT_EQ(contradiction_of(by_default.arguments), "");
  const Read told = read({"fanout", "--bare", "--publish-path", "/pub", "--publish", "http"});
  EXPECT_EQ(told.arguments.fanout.publish_by, bench::PublishBy::http);
  EXPECT_TRUE(read({"ticket", "--bare"}).arguments.ticket.plain_get);
}

TEST(BenchArguments, WhatContradictsItselfIsToldWithWhatToDo) {
  EXPECT_NE(contradiction_of(read({"idle", "--bare", "--secret-file", "s"}).arguments), "");
  EXPECT_NE(contradiction_of(read({"fanout"}).arguments).find("--api-key-file"), std::string::npos);
  EXPECT_NE(contradiction_of(read({"fanout", "--bare"}).arguments).find("--publish-path"),
            std::string::npos);
  EXPECT_NE(contradiction_of(read({"fanout", "--publish", "http"}).arguments), "");
  EXPECT_EQ(contradiction_of(read({"fanout", "--publish", "ws"}).arguments), "");
}

TEST(BenchArguments, AWarmUpLeavesAtLeastOneMessageToBeTimed) {
  const auto contradiction = [](std::string warm_up) {
    return contradiction_of(
        read({"fanout", "--publish", "ws", "--messages", "5", "--warm-up", std::move(warm_up)})
            .arguments);
  };
  EXPECT_EQ(contradiction("4"), "");
  EXPECT_NE(contradiction("5").find("--messages"), std::string::npos);
}

TEST(BenchArguments, ThreadsHaveTheirShareOfTheClients) {
  EXPECT_EQ(read({"connect"}).arguments.threads, 1u);
  for (const char* mode : {"connect", "idle", "echo", "ticket"}) {
    const Read found = read({mode, "--threads", "2"});
    EXPECT_EQ(found.arguments.threads, 2u) << mode;
    EXPECT_EQ(contradiction_of(found.arguments), "") << mode;
  }
  const Read enough = read({"echo", "--connections", "3", "--threads", "3"});
  EXPECT_EQ(contradiction_of(enough.arguments), "");
}

TEST(BenchArguments, AThreadWithoutAnythingToDoIsTold) {
  const std::vector<std::vector<std::string>> none_for_the_third = {
      {"connect", "--concurrency", "2", "--threads", "3"},
      {"idle", "--count", "2", "--threads", "3"},
      {"fanout", "--publish", "ws", "--subscribers", "2", "--threads", "3"},
      {"echo", "--connections", "2", "--threads", "3"},
      {"ticket", "--concurrency", "2", "--threads", "3"}};
  for (const auto& words : none_for_the_third) {
    const std::string wrong = contradiction_of(read(words).arguments);
    EXPECT_NE(wrong.find("--threads 3: with --"), std::string::npos) << words[0] << ": " << wrong;
  }
}

TEST(BenchArguments, AStormHasOneThread) {
  const std::string wrong = contradiction_of(
      read({"storm", "--command", "x", "--api-key-file", "k", "--threads", "2"}).arguments);
  EXPECT_NE(wrong.find("a storm has one thread"), std::string::npos) << wrong;
}

TEST(BenchArguments, ThreadsAreBoundedAndTheBoundIsTold) {
  EXPECT_TRUE(read({"connect", "--threads", "64"}).parsed.go_on);
  for (const char* threads : {"0", "65"}) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(read({"connect", "--threads", threads}).parsed.exit_code, kBadUsage);
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("--threads"), std::string::npos) << said;
    EXPECT_NE(said.find("64"), std::string::npos) << said;
  }
}

TEST(BenchArguments, NumbersHaveTheirBounds) {
  testing::internal::CaptureStderr();
  EXPECT_FALSE(read({"connect", "--count", "0"}).parsed.go_on);
  EXPECT_FALSE(read({"connect", "--concurrency", "10001"}).parsed.go_on);
  EXPECT_TRUE(read({"connect", "--concurrency", "10000"}).parsed.go_on);
  EXPECT_FALSE(read({"fanout", "--bytes", "11"}).parsed.go_on);
  EXPECT_TRUE(read({"fanout", "--bytes", "12"}).parsed.go_on);
  EXPECT_EQ(read({"connect", "--count", "-1"}).parsed.exit_code, kBadUsage);
  testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace usher::apps
