#include "gateway/upstream_metrics.h"

#include <gtest/gtest.h>

#include "metrics/metrics_page.h"

namespace usher::gateway {
namespace {

using namespace std::chrono_literals;
using doors::UpstreamResult;
using edge::Direction;

class UpstreamMetricsTest : public testing::Test {
 protected:
  bool shows(const std::string& line) const {
    metrics::MetricsPage page;
    add_to(page, {&first, &second}, {"board", "chat"});
    return ("\n" + page.render()).find("\n" + line + "\n") != std::string::npos;
  }

  UpstreamMetrics first{2}, second{2};
};

TEST_F(UpstreamMetricsTest, OpenTunnelsComeAndGo) {
  first.on_answer(0, UpstreamResult::opened, 1ms);
  first.on_answer(0, UpstreamResult::opened, 1ms);
  first.on_answer(1, UpstreamResult::opened, 1ms);
  second.on_answer(0, UpstreamResult::opened, 1ms);
  EXPECT_TRUE(shows("usher_upstream_connections{upstream=\"board\"} 3"));
  first.on_closed(0);
  EXPECT_EQ(first[0].connections.value(), 1);
  EXPECT_TRUE(shows("usher_upstream_connections{upstream=\"board\"} 2"));
  EXPECT_TRUE(shows("usher_upstream_connections{upstream=\"chat\"} 1"));
}

TEST_F(UpstreamMetricsTest, EachResultHasItsSeriesAndOnlyAnOpenedOneIsATunnel) {
  const std::pair<UpstreamResult, const char*> rows[] = {
      {UpstreamResult::opened, "opened"},
      {UpstreamResult::unreachable, "unreachable"},
      {UpstreamResult::unavailable, "unavailable"},
      {UpstreamResult::refused, "refused"},
      {UpstreamResult::wrong, "wrong"},
  };
  ASSERT_EQ(std::size(rows), static_cast<std::size_t>(UpstreamResult::count_));
  for (const auto& [result, word] : rows) {
    const std::string series =
        "usher_upstream_opened_total{upstream=\"chat\",result=\"" + std::string(word) + "\"} ";
    EXPECT_TRUE(shows(series + "0")) << word;
    first.on_answer(1, result, 1ms);
    second.on_answer(1, result, 1ms);
    EXPECT_TRUE(shows(series + "2")) << word;
  }
  EXPECT_EQ(first[1].connections.value(), 1);
  for (const auto& [result, word] : rows) EXPECT_EQ(first[0].opened[result].value(), 0u);
}

TEST_F(UpstreamMetricsTest, TheTimeIsThatOfAnswersAlone) {
  first.on_answer(0, UpstreamResult::unreachable, 5s);
  EXPECT_TRUE(shows("usher_upstream_answer_seconds_count{upstream=\"board\"} 0"));
  EXPECT_TRUE(shows("usher_upstream_answer_seconds_sum{upstream=\"board\"} 0"));
  first.on_answer(0, UpstreamResult::opened, 1500ms);
  EXPECT_EQ(first[0].answer_micros.value(), 1'500'000u);
  second.on_answer(0, UpstreamResult::refused, 500ms);
  first.on_answer(0, UpstreamResult::unavailable, 250ms);
  first.on_answer(0, UpstreamResult::wrong, 250ms);
  EXPECT_TRUE(shows("usher_upstream_answer_seconds_count{upstream=\"board\"} 4"));
  EXPECT_TRUE(shows("usher_upstream_answer_seconds_sum{upstream=\"board\"} 2.5"));
  EXPECT_TRUE(shows("usher_upstream_answer_seconds_count{upstream=\"chat\"} 0"));
}

TEST_F(UpstreamMetricsTest, BytesAreCountedForEachDirection) {
  first.on_passed(0, Direction::to_upstream, 100);
  second.on_passed(0, Direction::to_upstream, 20);
  first.on_passed(0, Direction::to_client, 7);
  first.on_passed(1, Direction::to_client, 3);
  const std::string board = "usher_upstream_bytes_total{upstream=\"board\",direction=";
  EXPECT_TRUE(shows(board + "\"to_upstream\"} 120"));
  EXPECT_TRUE(shows(board + "\"to_client\"} 7"));
  EXPECT_TRUE(shows("usher_upstream_bytes_total{upstream=\"chat\",direction=\"to_client\"} 3"));
}

TEST_F(UpstreamMetricsTest, WithoutUpstreamsThePageHasNothingOfThem) {
  const UpstreamMetrics none(0);
  metrics::MetricsPage page;
  add_to(page, {&none}, {});
  EXPECT_EQ(page.render().find("upstream"), std::string::npos);
}

}  // namespace
}  // namespace usher::gateway
