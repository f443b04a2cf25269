#include "gateway/gateway_application.h"

#include "http/problem.h"
#include "http/route_checks.h"
#include "http/trace_id.h"
#include "metrics/hub_metrics.h"
#include "session/server_session.h"

namespace usher::gateway {
namespace {

http::Problem problem_of(int status) {
  switch (status) {
    case 408:
      return http::Problem::request_timeout;
    case 413:
      return http::Problem::too_large;
    case 426:
      return http::Problem::upgrade_required;
    case 431:
      return http::Problem::headers_too_large;
    case 503:
      return http::Problem::overloaded;
    case 505:
      return http::Problem::version_not_supported;
    default:
      return http::Problem::bad_request;
  }
}

}  // namespace

std::optional<edge::Endpoint> GatewayApplication::endpoint(const wire::HttpRequest& request,
                                                           edge::ListenerRole listener) {
  switch (parts_.router.websocket_endpoint(request.path(), listener)) {
    case Router::Endpoint::none:
      return std::nullopt;
    case Router::Endpoint::ws:
      return edge::Endpoint::ws;
    case Router::Endpoint::connection_websocket:
      return edge::Endpoint::sdk;
    case Router::Endpoint::upstream:
      return edge::Endpoint::tunnel;
  }
  return std::nullopt;
}

std::optional<wire::HttpResponse> GatewayApplication::admit(const edge::RequestContext& context,
                                                            bool has_ticket) {
  const std::string_view path = context.request.path();
  if (parts_.tunnels.upstreams.find(parts_.router.local_path(path)) &&
      doors::has_dot_segment(path)) {
    return refuse(400, "a path with '.' or '..' in it leads to no upstream", context);
  }
  return parts_.gate.admit(
      context.peer_address, has_ticket,
      [&] { return http::trace_id_of(context.request, parts_.entropy); }, context.now);
}

std::unique_ptr<edge::Session> GatewayApplication::open(edge::Outlet& outlet,
                                                        const edge::Opening& opening,
                                                        TimePoint now) {
  auto session = std::make_unique<session::ServerSession>(outlet, parts_.sessions);
  session->begin(opening, now);
  return session;
}

std::unique_ptr<edge::TunnelSession> GatewayApplication::open_tunnel(
    edge::TunnelOutlet& outlet, const edge::TunnelOpening& opening, TimePoint now) {
  const std::string_view path = parts_.router.local_path(opening.request.path());
  auto session = std::make_unique<session::TunnelSession>(outlet, parts_.tunnels,
                                                          *parts_.tunnels.upstreams.find(path));
  session->begin(opening, path, http::traceparent_of(opening.request, parts_.entropy), now);
  return session;
}

edge::BodyLimit GatewayApplication::body_limit(const edge::RequestContext& head) {
  return parts_.router.body_limit(head);
}

void GatewayApplication::handle(const edge::RequestContext& context, edge::Respond respond) {
  parts_.router.handle(context, std::move(respond));
}

wire::HttpResponse GatewayApplication::refuse(int status, std::string_view detail,
                                              const edge::RequestContext& context) {
  const bool is_upgrade = !context.request.method.empty();
  if (is_upgrade) parts_.metrics.upgrades[metrics::UpgradeResult::bad_request].add();
  return parts_.router.refuse(
      context, is_upgrade ? Route::websocket : Route::other,
      {.problem = problem_of(status),
       .detail = detail,
       .retry_after = status == 503 ? std::optional(http::kRetryOverloaded) : std::nullopt,
       .log_reason = detail});
}

void GatewayApplication::tick(TimePoint) {
  parts_.hub.tick();
  metrics::sample(parts_.hub, parts_.metrics);
  if (parts_.housekeeping) parts_.housekeeping();
}

}  // namespace usher::gateway
