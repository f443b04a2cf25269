#include "bench/load/redis_peaks.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

std::string info(std::int64_t memory, std::int64_t clients, std::int64_t rejected,
                 std::int64_t evicted) {
  return "# Clients\r\nconnected_clients:" + std::to_string(clients) +
         "\r\nmaxclients:100\r\nblocked_clients:0\r\n\r\n# Memory\r\nused_memory:" +
         std::to_string(memory) +
         "\r\nused_memory_human:1M\r\nmaxmemory:1000\r\n# Stats\r\ninstantaneous_ops_per_sec:77"
         "\r\nrejected_connections:" +
         std::to_string(rejected) + "\r\nevicted_keys:" + std::to_string(evicted) + "\r\n";
}

class RedisPeaksTest : public testing::Test {
 protected:
  Report report() const {
    Report report("storm");
    peaks.add_to(report);
    return report;
  }
  RedisPeaks peaks;
};

TEST(RedisInfo, AValueIsFoundByItsWholeName) {
  const std::string text = "used_memory_rss:5\r\nused_memory:7\r\nrun_id:abc\r\nlast:9";
  EXPECT_EQ(read_info(text, "used_memory"), 7);
  EXPECT_EQ(read_info(text, "last"), 9);
  EXPECT_EQ(read_info(text, "used"), std::nullopt);
  EXPECT_EQ(read_info(text, "run_id"), std::nullopt);
  EXPECT_EQ(read_info("", "used_memory"), std::nullopt);
}

TEST_F(RedisPeaksTest, NothingSeenIsNothingTold) {
  EXPECT_EQ(report().json(), R"({"mode":"storm"})");
}

TEST_F(RedisPeaksTest, AtItsLimitsRedisIsCalm) {
  peaks.take(info(900, 5, 40, 30));
  peaks.take(info(1000, 100, 40, 30));
  peaks.take(info(800, 6, 40, 30));
  EXPECT_EQ(report().failure(), "");
  EXPECT_EQ(report().json(),
            R"({"mode":"storm","redis_memory_peak_bytes":1000,"redis_memory_limit_bytes":1000,)"
            R"("redis_clients_peak":100,"redis_clients_limit":100,"redis_clients_blocked_peak":0,)"
            R"("redis_operations_per_second_peak":77,"redis_connections_rejected":0,)"
            R"("redis_keys_evicted":0})");
}

TEST_F(RedisPeaksTest, AByteAboveMaxmemoryIsAFailureEvenIfItIsOverLater) {
  peaks.take(info(1001, 5, 0, 0));
  peaks.take(info(10, 5, 0, 0));
  EXPECT_EQ(report().failure(), "Redis went above its maxmemory of 1000 bytes: it used 1001");
}

TEST_F(RedisPeaksTest, ARejectedConnectionIsAFailure) {
  peaks.take(info(1, 5, 40, 0));
  peaks.take(info(1, 5, 41, 0));
  EXPECT_EQ(report().failure(), "Redis was at its maxclients of 100: it rejected 1 connections");
}

TEST_F(RedisPeaksTest, AnEvictedKeyIsAFailure) {
  peaks.take(info(1, 5, 0, 0));
  peaks.take(info(1, 5, 0, 2));
  EXPECT_EQ(report().failure(), "Redis was at its maxmemory of 1000 bytes: it evicted 2 keys");
}

TEST_F(RedisPeaksTest, WhatARestartedRedisCountsIsNew) {
  peaks.take(info(1, 5, 40, 0));
  peaks.take(info(1, 5, 0, 0));
  EXPECT_EQ(report().failure(), "");
  peaks.take(info(1, 5, 3, 0));
  EXPECT_NE(report().failure(), "");
}

TEST_F(RedisPeaksTest, WithoutMaxmemoryAnyMuchIsFine) {
  peaks.take("used_memory:123456789012\r\nmaxmemory:0\r\n");
  EXPECT_EQ(report().failure(), "");
}

}  // namespace
}  // namespace usher::bench
