#include "hooks/hook_metrics.h"

#include <gtest/gtest.h>

#include "metrics/metrics_page.h"

namespace usher::hooks {
namespace {

using Kind = session::HookEvent::Kind;

TEST(HookMetricsTest, EachEventAndOutcomeIsASeriesFromTheStart) {
  HookMetrics metrics;
  metrics::MetricsPage page;
  add_to(page, metrics);
  metrics.count(Kind::rpc, HookOutcome::answered);
  metrics.count(Kind::rpc, HookOutcome::answered);
  metrics.count(Kind::disconnected, HookOutcome::no_room);
  metrics.retries = 3;
  const std::string text = page.render();
  for (const char* line :
       {"usher_hook_events_total{event=\"rpc\",outcome=\"answered\"} 2\n",
        "usher_hook_events_total{event=\"disconnected\",outcome=\"no_room\"} 1\n",
        "usher_hook_events_total{event=\"publish\",outcome=\"late\"} 0\n",
        "usher_hook_retries_total 3\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

}  // namespace
}  // namespace usher::hooks
