// A page of Prometheus metrics, as `GET /metrics` of a gateway gives it: values by series.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace usher::bench {

// Values by the text before them: `usher_connections`, `usher_limit{key="limits.connections"}`.
using Metrics = std::map<std::string, double, std::less<>>;

// Skips comments and lines without a number.
Metrics read_metrics(std::string_view page);

std::optional<double> find_metric(const Metrics& metrics, std::string_view series);

}  // namespace usher::bench
