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
using Labels = std::vector<ClientMetric::Label>;
using Shards = std::vector<const ShardMetrics*>;

void put(MetricFamily& family, double value, Labels labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
}

// `read` picks one Counter or Gauge out of a shard's metrics.
template <class Read>
double sum(const Shards& shards, Read read) {
  double total = 0;
  for (const ShardMetrics* shard : shards) total += static_cast<double>(read(*shard).value());
  return total;
}

class Families {
 public:
  explicit Families(const Shards& shards) : shards_(shards) {}

  template <class M>
  void add(const char* name, const char* help, M ShardMetrics::*member) {
    constexpr bool is_gauge = std::is_same_v<M, Gauge>;
    auto& family = begin(name, help, is_gauge ? MetricType::Gauge : MetricType::Counter);
    put(family, sum(shards_, [member](const auto& shard) -> auto& { return shard.*member; }));
  }

  // Every value of the enum is a series from the start, so that rates work from the first event.
  template <class Enum>
  void add(const char* name, const char* help, const char* label,
           PerEnum<Enum> ShardMetrics::*member) {
    auto& family = begin(name, help, MetricType::Counter);
    for (std::size_t i = 0; i < PerEnum<Enum>::kSize; ++i) {
      const auto value = static_cast<Enum>(i);
      const double total =
          sum(shards_, [=](const auto& shard) -> auto& { return (shard.*member)[value]; });
      put(family, total, {{label, std::string(to_string(value))}});
    }
  }

  void add_http_requests() {
    auto& family = begin("usher_http_requests_total",
                         "HTTP requests answered, by route and status.", MetricType::Counter);
    for (std::size_t r = 0; r < PerEnum<Route>::kSize; ++r) {
      const auto route = static_cast<Route>(r);
      for (std::size_t s = 0; s < kStatuses.size(); ++s) {
        const double total = sum(shards_, [=](const auto& shard) -> auto& {
          return shard.http_requests[route].by_status[s];
        });
        if (total == 0) continue;
        put(family, total,
            {{"route", std::string(to_string(route))}, {"status", std::to_string(kStatuses[s])}});
      }
    }
  }

  void add_closes() {
    auto& family = begin("usher_closes_total", "WebSockets ended, by close code; 0 is any other.",
                         MetricType::Counter);
    for (std::size_t i = 0; i < kCloseCodes.size(); ++i) {
      const double total =
          sum(shards_, [=](const auto& shard) -> auto& { return shard.closes[i]; });
      if (total > 0) put(family, total, {{"code", std::to_string(kCloseCodes[i])}});
    }
  }

  MetricFamily& begin(std::string name, std::string help, MetricType type) {
    families_.push_back({std::move(name), std::move(help), type, {}});
    return families_.back();
  }

  std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return std::move(out).str();
  }

 private:
  const Shards& shards_;
  std::vector<MetricFamily> families_;
};

}  // namespace

MetricsPage::MetricsPage(std::vector<const ShardMetrics*> shards, const NodeState& node,
                         std::string version)
    : shards_(std::move(shards)), node_(node), version_(std::move(version)) {}

void MetricsPage::add(std::string name, std::string help, Kind kind, std::function<double()> read) {
  add(std::move(name), std::move(help), kind, {Series{.labels = {}, .read = std::move(read)}});
}

void MetricsPage::add(std::string name, std::string help, Kind kind, std::vector<Series> series) {
  foreign_.push_back({std::move(name), std::move(help), kind, std::move(series)});
}

std::string MetricsPage::render() const {
  using M = ShardMetrics;
  Families all(shards_);
  put(all.begin("usher_build_info", "Always 1; the version is in the label.", MetricType::Gauge), 1,
      {{"version", version_}});
  put(all.begin("usher_draining", "1 while the node is shutting down.", MetricType::Gauge),
      node_.draining.load() ? 1 : 0);
  all.add("usher_connections", "WebSockets that are connected.", &M::connections);
  all.add("usher_sockets", "Accepted sockets in any state.", &M::sockets);
  all.add("usher_internal_errors_total",
          "Faults of usher itself; each has cost one connection or one task. Please report them.",
          &M::internal_errors);
  all.add("usher_subscriptions", "Subscriptions of connected clients, without personal channels.",
          &M::subscriptions);
  all.add("usher_channels", "Channels with subscribers, summed over the shards.", &M::channels);
  all.add("usher_upgrades_total", "Attempts to open a WebSocket, by how they ended.", "result",
          &M::upgrades);
  all.add_closes();
  all.add("usher_tickets_issued_total", "Tickets given out.", &M::tickets_issued);
  all.add("usher_ticket_redeems_total", "Tickets shown, by outcome.", "outcome",
          &M::ticket_redeems);
  all.add("usher_ticket_replays_total", "Spent tickets shown again: a security event.",
          &M::ticket_replays);
  all.add("usher_guests_created_total", "Tokens given to new guests.", &M::guests_created);
  all.add("usher_guests_renewed_total", "Guest tokens renewed.", &M::guests_renewed);
  all.add_http_requests();
  all.add("usher_api_calls_total", "Server API calls, those in a batch too.", "method",
          &M::api_calls);
  all.add("usher_api_errors_total", "Server API calls answered with an error.", "method",
          &M::api_errors);
  all.add("usher_api_keys_refused_total", "Server API requests with a wrong key or none.",
          &M::api_keys_refused);
  all.add("usher_publications_total", "Publications accepted, by who published.", "by",
          &M::publications);
  all.add("usher_deliveries_total", "Messages handed to subscribers.", &M::deliveries);
  all.add("usher_recovered_total", "Subscriptions that got all that they had missed.",
          &M::recovered);
  all.add("usher_not_recovered_total", "Subscriptions that were told of a gap.", &M::not_recovered);
  all.add("usher_messages_received_total", "Text messages from clients.", &M::messages_received);
  all.add("usher_commands_refused_total", "Client commands answered with an error.",
          &M::commands_refused);
  for (const Foreign& foreign : foreign_) {
    const auto type = foreign.kind == Kind::counter ? MetricType::Counter : MetricType::Gauge;
    MetricFamily& family = all.begin(foreign.name, foreign.help, type);
    for (const Series& series : foreign.series) {
      Labels labels;
      for (const auto& [label, value] : series.labels) labels.push_back({label, value});
      put(family, series.read(), std::move(labels));
    }
  }
  return all.text();
}

}  // namespace usher::metrics
