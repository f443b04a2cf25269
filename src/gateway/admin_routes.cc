#include "gateway/admin_routes.h"

#include <memory>
#include <utility>

#include "gateway/node_control.h"
#include "http/route_checks.h"
#include "metrics/metrics_page.h"
#include "wire/json_writer.h"

namespace usher::gateway {

void AdminRoutes::health(http::Answer answer) { answer.json(R"({"status":"ok"})"); }

void AdminRoutes::ready(http::Answer answer) {
  std::vector<std::string> reasons;
  if (dependencies_.not_ready_reasons) reasons = dependencies_.not_ready_reasons();
  if (dependencies_.node.draining.load(std::memory_order_relaxed)) reasons.push_back("draining");
  if (reasons.empty()) return answer.json(R"({"ready":true})");

  std::string body;
  wire::JsonObjectWriter object(body);
  object.boolean("ready", false);
  wire::JsonArrayWriter array(object.member("reasons"));
  for (const std::string& reason : reasons) wire::append_json_string(array.element(), reason);
  array.end();
  object.end();
  answer.json(std::move(body), 503);
}

void AdminRoutes::metrics(http::Answer answer) {
  wire::HttpResponse response;
  response.set("Content-Type", metrics::MetricsPage::kContentType);
  if (dependencies_.metrics_page != nullptr) response.body = dependencies_.metrics_page->render();
  answer.send(std::move(response));
}

void AdminRoutes::config(http::Answer answer) {
  if (dependencies_.control == nullptr) return answer.refuse({http::Problem::not_found});
  answer.json(dependencies_.control->configuration());
}

// The answer belongs to this shard, so that the reload's thread only passes it on.
void AdminRoutes::reload(http::Answer answer) {
  if (dependencies_.control == nullptr) return answer.refuse({http::Problem::not_found});
  auto waiting = std::make_shared<http::Answer>(std::move(answer));
  const bool is_asked = dependencies_.control->reload(
      [waiting, in_a_turn = dependencies_.in_a_turn](const NodeControl::Answer& outcome) mutable {
        in_a_turn([waiting = std::move(waiting), outcome]() mutable {
          if (outcome.ok) return waiting->json(std::move(outcome.text));
          waiting->refuse({http::Problem::reload_failed, outcome.text});
        });
      });
  if (is_asked) return;
  waiting->refuse({.problem = http::Problem::overloaded,
                   .detail = "Reloads are under way, and many callers wait for them.",
                   .retry_after = http::kRetryOverloaded});
}

}  // namespace usher::gateway
