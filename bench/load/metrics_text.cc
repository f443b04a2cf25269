#include "bench/load/metrics_text.h"

#include <charconv>

namespace usher::bench {

Metrics read_metrics(std::string_view page) {
  Metrics metrics;
  while (!page.empty()) {
    const std::string_view line = page.substr(0, page.find('\n'));
    page.remove_prefix(std::min(line.size() + 1, page.size()));
    const auto space = line.rfind(' ');  // a label's value may hold some
    if (space == std::string_view::npos || line.starts_with('#')) continue;
    const std::string_view text = line.substr(space + 1);
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) continue;
    metrics.emplace(line.substr(0, space), value);
  }
  return metrics;
}

std::optional<double> find_metric(const Metrics& metrics, std::string_view series) {
  const auto found = metrics.find(series);
  if (found == metrics.end()) return std::nullopt;
  return found->second;
}

}  // namespace usher::bench
