#include "bench/load/process_usage.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace usher::bench {
namespace {

constexpr std::string_view kStat =
    "4242 (a (bad) name) S 1 4242 4242 0 -1 4194560 1083 0 0 0 151 49 7 3 20 0 2 0 1250 8 9";

TEST(ProcessUsage, CpuTicksAreUserAndSystemBehindTheName) { EXPECT_EQ(read_cpu_ticks(kStat), 200); }

TEST(ProcessUsage, AStatThatEndsTooEarlyIsNone) {
  EXPECT_EQ(read_cpu_ticks(""), std::nullopt);
  EXPECT_EQ(read_cpu_ticks("4242 (usher) S 1 2 3"), std::nullopt);
  EXPECT_EQ(read_cpu_ticks("4242 (usher) S 1 2 3 0 -1 4 1 0 0 0 151"), std::nullopt);
}

TEST(ProcessUsage, MemoryIsRssAnon) {
  EXPECT_EQ(read_rss_anon_bytes("Name:\tusher\nVmRSS:\t   900 kB\nRssAnon:\t     640 kB\nRssFile:\t"
                                " 260 kB\n"),
            640 * 1024);
  EXPECT_EQ(read_rss_anon_bytes("Name:\tusher\nVmRSS:\t 900 kB\n"), std::nullopt);
  EXPECT_EQ(read_rss_anon_bytes("Name:\tusher\nRssAnon:\tmuch\n"), std::nullopt);
}

TEST(ProcessUsage, ItsOwnProcessHasUsedSomethingAndSeveralAreSummed) {
  const std::array once{static_cast<int>(getpid())};
  const std::array twice{once[0], once[0]};
  const auto one = usage_of(once);
  const auto two = usage_of(twice);
  ASSERT_TRUE(one && two);
  EXPECT_GT(one->cpu, Duration::zero());
  EXPECT_GT(one->memory_bytes, 64 * 1024);
  EXPECT_GE(two->cpu, 2 * one->cpu);
  EXPECT_GT(two->memory_bytes, one->memory_bytes * 3 / 2);
}

TEST(ProcessUsage, AProcessThatIsNotThereIsNoUsage) {
  const std::array gone{0x7ffffff0};
  EXPECT_EQ(usage_of(gone).has_value(), false);
}

}  // namespace
}  // namespace usher::bench
