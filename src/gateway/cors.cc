#include "gateway/cors.h"

#include <string>

namespace usher::gateway {

void add_cors(wire::HttpResponse& response, std::optional<std::string_view> origin) {
  response.set("Vary", "Origin");
  if (!origin) return;
  response.set("Access-Control-Allow-Origin", std::string(*origin));
  response.set("Access-Control-Expose-Headers", "Retry-After");
}

wire::HttpResponse make_preflight(std::string_view methods) {
  wire::HttpResponse response;
  response.status = 204;
  response.set("Access-Control-Allow-Methods", std::string(methods));
  response.set("Access-Control-Allow-Headers",
               "Authorization, Content-Type, traceparent, X-Request-ID");
  response.set("Access-Control-Max-Age", "7200");  // the longest that Chromium keeps one
  return response;
}

}  // namespace usher::gateway
