#include "api/api_metrics.h"

#include <gtest/gtest.h>

#include "metrics/metrics_page.h"

namespace usher::api {
namespace {

TEST(ApiMetricsTest, CallsAndErrorsAreCountedByMethod) {
  ApiMetrics first, second;
  metrics::MetricsPage page;
  add_to(page, std::vector<const ApiMetrics*>{&first, &second});
  first.calls[ApiMethod::publish].add();
  second.calls[ApiMethod::publish].add();
  second.errors[ApiMethod::batch].add();
  first.keys_refused.add(3);
  const std::string text = page.render();
  for (const char* line :
       {"usher_api_calls_total{method=\"publish\"} 2\n",
        "usher_api_calls_total{method=\"info\"} 0\n",
        "usher_api_errors_total{method=\"batch\"} 1\n", "usher_api_keys_refused_total 3\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

}  // namespace
}  // namespace usher::api
