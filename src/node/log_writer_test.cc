#include "node/log_writer.h"

#include <condition_variable>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <spdlog/sinks/base_sink.h>

#include "support/manual_wall_clock.h"

namespace usher::node {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// A terminal that takes lines only while it is open.
class GatedSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit GatedSink(bool open = true) : open_(open) {}

  void open() {
    const std::lock_guard lock(gate_);
    open_ = true;
    changed_.notify_all();
  }
  // Waits until the writer thread stands before the closed gate with a line in its hand.
  void wait_for_writer() {
    std::unique_lock lock(gate_);
    changed_.wait(lock, [this] { return waiting_; });
  }
  int writes() {
    const std::lock_guard lock(gate_);
    return writes_;
  }
  Lines lines() {
    const std::lock_guard lock(gate_);
    return lines_;
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::unique_lock lock(gate_);
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    ++writes_;
    std::istringstream text(std::string(message.payload.data(), message.payload.size()));
    for (std::string line; std::getline(text, line);) lines_.push_back(line);
  }
  void flush_() override {}

 private:
  std::mutex gate_;
  std::condition_variable changed_;
  bool open_;
  bool waiting_ = false;
  Lines lines_;
  int writes_ = 0;
};

class LogWriterTest : public testing::Test {
 protected:
  std::unique_ptr<LogWriter> make(LogWriterOptions options) {
    return std::make_unique<LogWriter>(options, clock, sink);
  }

  test::ManualWallClock clock{WallTime(1'800'000'000'123ms)};
  std::shared_ptr<GatedSink> sink = std::make_shared<GatedSink>();
};

TEST_F(LogWriterTest, TextLinesHaveTimeLevelAndMessage) {
  auto log = make({});
  log->info("websocket_connected", {{"originHost", "app.example"}});
  clock.advance(1s);
  log->warn("WS: Rejected - no auth ticket");
  log.reset();
  EXPECT_EQ(
      sink->lines(),
      (Lines{"2027-01-15T08:00:00.123Z info websocket_connected { originHost: 'app.example' }",
             "2027-01-15T08:00:01.123Z warn WS: Rejected - no auth ticket"}));
}

TEST_F(LogWriterTest, JsonLinesAreOneObjectEach) {
  auto log = make({.format = config::LogFormat::json});
  log->error("m", {{"a", 1}, {"b", "x\"\n"}});
  log.reset();
  EXPECT_EQ(sink->lines(), (Lines{R"({"time":"2027-01-15T08:00:00.123Z","level":"error",)"
                                  R"("message":"m","a":1,"b":"x\"\u000a"})"}));
}

TEST_F(LogWriterTest, LinesBelowTheLevelAreNotWritten) {
  auto log = make({.level = LogLevel::warn});
  log->debug("1");
  log->info("2");
  log->warn("3");
  log->error("4");
  log.reset();
  ASSERT_EQ(sink->lines().size(), 2u);
  EXPECT_TRUE(sink->lines()[0].ends_with("warn 3"));
}

TEST_F(LogWriterTest, WhenNobodyTakesTheLinesTheyAreDroppedCountedAndReported) {
  sink = std::make_shared<GatedSink>(/*open=*/false);
  auto log = make({.lines_max = 3, .gather_for = 0ms});
  log->info("taken");
  sink->wait_for_writer();
  for (int i = 0; i < 10; ++i) log->info("waiting " + std::to_string(i));
  EXPECT_EQ(log->dropped(), 7u);
  sink->open();
  log.reset();
  const Lines lines = sink->lines();
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_TRUE(lines[3].ends_with("info waiting 2"));
  EXPECT_EQ(lines[4], "2027-01-15T08:00:00.123Z warn log lines dropped { count: 7 }");
}

TEST_F(LogWriterTest, TheEndDoesNotWaitForeverForATerminalThatTakesNothing) {
  sink = std::make_shared<GatedSink>(/*open=*/false);
  auto log = make({.gather_for = 0ms, .flush_timeout = 1ms});
  log->info("never taken");
  sink->wait_for_writer();
  log.reset();
  EXPECT_TRUE(sink->lines().empty());
  sink->open();  // lets the thread that was left behind go
}

TEST_F(LogWriterTest, FlushSaysWhetherAllHasLeft) {
  auto log = make({.gather_for = 0ms});
  log->info("taken");
  EXPECT_TRUE(log->flush(1h));
  EXPECT_EQ(sink->lines().size(), 1u);
  EXPECT_TRUE(log->flush(0ms)) << "nothing is waiting";

  sink = std::make_shared<GatedSink>(/*open=*/false);
  log = make({.gather_for = 0ms, .flush_timeout = 1ms});
  log->info("not taken");
  sink->wait_for_writer();
  EXPECT_FALSE(log->flush(1ms));
  sink->open();
  EXPECT_TRUE(log->flush(1h));
}

TEST_F(LogWriterTest, WhatComesTogetherIsWrittenTogether) {
  auto log = make({.gather_for = 1h});
  for (int i = 0; i < 100; ++i) log->info("line " + std::to_string(i));
  log.reset();
  EXPECT_EQ(sink->lines().size(), 100u);
  EXPECT_EQ(sink->writes(), 1);
}

TEST_F(LogWriterTest, AQueueThatFillsUpIsNotGatheredAnyLonger) {
  auto log = make({.lines_max = 8, .gather_for = 1h});
  for (int i = 0; i < 4; ++i) log->info("line");
  sink->wait_for_writer();
}

TEST_F(LogWriterTest, TheTimeTurnsWithItsSecond) {
  auto log = make({});
  log->info("a");
  clock.advance(876ms);
  log->info("b");
  clock.advance(1ms);
  log->info("c");
  clock.advance(24h);
  log->info("d");
  log.reset();
  EXPECT_EQ(sink->lines(),
            (Lines{"2027-01-15T08:00:00.123Z info a", "2027-01-15T08:00:00.999Z info b",
                   "2027-01-15T08:00:01.000Z info c", "2027-01-16T08:00:01.000Z info d"}));
}

TEST_F(LogWriterTest, LinesOfSeveralThreadsAllArriveWhole) {
  auto log = make({});
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) log->info("line", {{"i", i}});
      });
    }
  }
  log.reset();
  EXPECT_EQ(sink->lines().size(), 2000u);
}

}  // namespace
}  // namespace usher::node
