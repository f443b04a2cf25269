#include "metrics/node_state.h"

#include <utility>

#include "metrics/metrics_page.h"

namespace usher::metrics {

void add_to(MetricsPage& page, const NodeState& node, std::string version) {
  page.add("usher_build_info", "Always 1; the version is in the label.", MetricsPage::Kind::gauge,
           {{.labels = {{"version", std::move(version)}}, .read = [] { return 1.0; }}});
  page.add("usher_draining", "1 while the node is shutting down.", MetricsPage::Kind::gauge,
           [&node] { return node.draining.load() ? 1.0 : 0.0; });
}

}  // namespace usher::metrics
