#include "hooks/hook_metrics.h"

#include <string>

#include "base/check.h"
#include "hooks/hook_message.h"
#include "metrics/metrics_page.h"

namespace usher::hooks {

std::string_view to_string(HookOutcome outcome) {
  switch (outcome) {
    case HookOutcome::answered:
      return "answered";
    case HookOutcome::refused:
      return "refused";
    case HookOutcome::failed:
      return "failed";
    case HookOutcome::late:
      return "late";
    case HookOutcome::no_room:
      return "no_room";
    case HookOutcome::count_:
      break;
  }
  USHER_CHECK(false);
}

void add_to(metrics::MetricsPage& page, const HookMetrics& metrics) {
  std::vector<metrics::MetricsPage::Series> series;
  for (std::size_t k = 0; k < HookMetrics::kKinds; ++k) {
    for (std::size_t o = 0; o < HookMetrics::kOutcomes; ++o) {
      const auto kind = static_cast<session::HookEvent::Kind>(k);
      const auto outcome = static_cast<HookOutcome>(o);
      const std::string_view type = type_of(kind);
      series.push_back({{{"event", std::string(type.substr(type.find('.') + 1))},
                         {"outcome", std::string(to_string(outcome))}},
                        [&metrics, kind, outcome] {
                          return static_cast<double>(metrics.value(kind, outcome));
                        }});
    }
  }
  using Kind = metrics::MetricsPage::Kind;
  page.add("usher_hook_events_total", "Events for the backend's hooks, by how they ended.",
           Kind::counter, std::move(series));
  page.add("usher_hook_retries_total", "Notifications tried again.", Kind::counter, [&metrics] {
    return static_cast<double>(metrics.retries.load(std::memory_order_relaxed));
  });
}

}  // namespace usher::hooks
