#include "bench/load/metrics_text.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

TEST(MetricsText, ValuesAreFoundByNameAndLabels) {
  const Metrics metrics = read_metrics(
      "# HELP usher_connections WebSockets that are connected.\n"
      "# TYPE usher_connections gauge\n"
      "usher_connections 12\n"
      "usher_limit{key=\"limits.connections\"} 1e+06\n"
      "usher_build_info{version=\"0.1 beta\"} 1\n");
  EXPECT_EQ(find_metric(metrics, "usher_connections"), 12);
  EXPECT_EQ(find_metric(metrics, "usher_limit{key=\"limits.connections\"}"), 1e6);
  EXPECT_EQ(find_metric(metrics, "usher_build_info{version=\"0.1 beta\"}"), 1);
  EXPECT_EQ(metrics.size(), 3u);
}

TEST(MetricsText, WhatIsNotThereIsNothing) {
  EXPECT_EQ(find_metric(read_metrics("usher_connections 12"), "usher_sockets"), std::nullopt);
}

TEST(MetricsText, OtherTextHoldsNoValues) {
  for (const char* text : {"", "\n\n", "usher_connections", "usher_connections twelve",
                           "usher_connections 12x", "<html>not found</html>", "# a comment 5"}) {
    EXPECT_TRUE(read_metrics(text).empty()) << text;
  }
}

}  // namespace
}  // namespace usher::bench
