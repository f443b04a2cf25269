#include "gateway/admin_routes.h"

#include <utility>

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

}  // namespace usher::gateway
