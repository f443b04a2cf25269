#include "metrics/metrics_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <sstream>
#include <utility>

namespace usher::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void put(MetricFamily& family, double value, const MetricsPage::Series& series) {
  ClientMetric metric;
  for (const auto& [label, text] : series.labels) metric.label.push_back({label, text});
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
}

}  // namespace

void MetricsPage::add(std::string name, std::string help, Kind kind, std::function<double()> read) {
  add(std::move(name), std::move(help), kind, {Series{.labels = {}, .read = std::move(read)}});
}

void MetricsPage::add(std::string name, std::string help, Kind kind, std::vector<Series> series) {
  families_.push_back({std::move(name), std::move(help), kind, std::move(series)});
}

std::string MetricsPage::render() const {
  std::vector<MetricFamily> rendered;
  for (const Family& family : families_) {
    const auto type = family.kind == Kind::counter ? MetricType::Counter : MetricType::Gauge;
    MetricFamily& out = rendered.emplace_back(MetricFamily{family.name, family.help, type, {}});
    for (const Series& series : family.series) {
      const double value = series.read();
      if (value != 0 || !series.hidden_at_zero) put(out, value, series);
    }
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, rendered);
  return std::move(text).str();
}

}  // namespace usher::metrics
