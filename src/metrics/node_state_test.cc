#include "metrics/node_state.h"

#include <gtest/gtest.h>

#include "metrics/metrics_page.h"

namespace usher::metrics {
namespace {

TEST(NodeStateTest, ThePageSaysTheVersionAndWhetherTheNodeDrains) {
  NodeState node;
  MetricsPage page;
  add_to(page, node, "0.1.0");
  EXPECT_NE(page.render().find("usher_build_info{version=\"0.1.0\"} 1\n"), std::string::npos);
  EXPECT_NE(page.render().find("usher_draining 0\n"), std::string::npos);
  node.draining = true;
  EXPECT_NE(page.render().find("usher_draining 1\n"), std::string::npos) << page.render();
}

}  // namespace
}  // namespace usher::metrics
