#include "bench/load/report.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

using namespace std::chrono_literals;

TEST(Report, TextAlignsItsValues) {
  Report report("connect");
  report.add("handshakes", std::int64_t{10});
  report.add("handshakes_per_second", 1234.5678);
  EXPECT_EQ(report.text(),
            "usher bench connect\n"
            "  handshakes                         10\n"
            "  handshakes_per_second            1235\n");
}

TEST(Report, JsonIsOneObjectWithNumbers) {
  Report report("idle");
  report.add("connections", std::int64_t{8000});
  report.add("memory_bytes_per_connection", 637.25);
  report.add("small_ms", 0.01234);
  EXPECT_EQ(report.json(),
            R"({"mode":"idle","connections":8000,"memory_bytes_per_connection":637.25,)"
            R"("small_ms":0.0123})");
}

TEST(Report, TheFirstFailureIsTold) {
  Report report("echo");
  EXPECT_EQ(report.failure(), "");
  report.fail("the first \"one\"");
  report.fail("the second");
  EXPECT_EQ(report.failure(), "the first \"one\"");
  EXPECT_EQ(report.json(), R"({"mode":"echo","failure":"the first \"one\""})");
}

TEST(Report, CpuIsToldInAllAndForEachUnit) {
  Report report("fanout");
  report.add_cpu(ProcessUsage{.cpu = 1s}, ProcessUsage{.cpu = 5s}, "delivery", 1'000'000);
  EXPECT_EQ(report.json(),
            R"({"mode":"fanout","server_cpu_s":4.0000,"server_cpu_us_per_delivery":4.0000})");
}

TEST(Report, AttemptsAreCountedTimedAndChargedToTheServer) {
  Work work{.before = ProcessUsage{.cpu = 1s}, .after = ProcessUsage{.cpu = 2s}};
  work.tally.ended = work.tally.began + 500ms;
  work.tally.failed = 3;
  work.load_busy = 0.25;
  for (int i = 0; i < 100; ++i) work.tally.record(2ms);
  Report report("connect");
  report.add_attempts({"handshake", "handshakes", "upgrade"}, work);
  const std::string json = report.json();
  EXPECT_TRUE(json.ends_with(R"("upgrade_max_ms":2.0000,"load_busy":0.2500})")) << json;
  EXPECT_TRUE(json.starts_with(R"({"mode":"connect","handshakes":100,"failed":3,"seconds":0.5000,)"
                               R"("handshakes_per_second":200.00,"server_cpu_s":1.0000,)"
                               R"("server_cpu_us_per_handshake":10000,"upgrade_p50_ms":2.0000,)"))
      << json;
}

TEST(Report, AServerThatWasNotWatchedOrHasGoneHasNoCpu) {
  Report report("fanout");
  report.add_cpu(std::nullopt, ProcessUsage{}, "delivery", 1);
  report.add_cpu(ProcessUsage{}, std::nullopt, "delivery", 1);
  EXPECT_EQ(report.json(), R"({"mode":"fanout"})");
}

TEST(Report, TimesAreTheirPercentilesInMilliseconds) {
  Histogram times;
  for (int i = 0; i < 100; ++i) times.record(2ms);
  Report report("echo");
  report.add_times("round_trip", times);
  EXPECT_NE(report.json().find(R"("round_trip_p50_ms":2.0000)"), std::string::npos);
  EXPECT_NE(report.json().find(R"("round_trip_max_ms":2.0000)"), std::string::npos);
}

}  // namespace
}  // namespace usher::bench
