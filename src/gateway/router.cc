#include "gateway/router.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/api_route.h"
#include "auth/origin.h"
#include "auth/origin_policy.h"
#include "dev/dev_door.h"
#include "dev/dev_route.h"
#include "doors/upstream_table.h"
#include "gateway/admin_door.h"
#include "gateway/admin_routes.h"
#include "gateway/logout_route.h"
#include "gateway/route_metrics.h"
#include "gateway/ticket_route.h"
#include "gateway/token_route.h"
#include "gateway/verify_route.h"
#include "http/answer.h"
#include "http/cors.h"
#include "http/refusal_log.h"
#include "http/refusal_rate.h"
#include "http/route_checks.h"
#include "http/trace_id.h"
#include "wire/json.h"

namespace usher::gateway {
namespace {

constexpr std::size_t kAuthBodyBytesMax = 20 * 1024;
constexpr std::size_t kApiBodyBytesMin = 1 << 20;
constexpr std::size_t kApiEnvelopeBytes = 64 * 1024;   // around one message of the largest size
constexpr std::size_t kOtherBodyBytesMax = 16 * 1024;  // read, so that a 404 keeps the connection

constexpr std::string_view kApiPath = "/api/";

bool serves_clients(edge::ListenerRole listener) {
  return listener == edge::ListenerRole::client || listener == edge::ListenerRole::client_and_api;
}

bool serves_api(edge::ListenerRole listener) {
  return listener == edge::ListenerRole::api || listener == edge::ListenerRole::client_and_api;
}

TicketRouteOptions ticket_options(const http::RouterOptions& options) {
  return {.ttl = options.ticket_ttl,
          .channels_per_connection = options.channels_per_connection,
          .claims_bytes_max = options.claims_bytes_max};
}

api::ApiCallsOptions api_options(const http::RouterOptions& options) {
  return {.node = {options.node_uid, options.version},
          .ticket_ttl = options.ticket_ttl,
          .revocation_ttl = options.revocation_ttl,
          .leeway = options.leeway,
          .claims = options.told_claims};
}

api::ApiLimits api_limits(const http::RouterOptions& options) {
  return {.message_bytes_max = options.message_bytes_max,
          .channels_per_connection = options.channels_per_connection,
          .channels_per_token = options.channels_per_token,
          .info_bytes_max = options.info_bytes,
          .claims = options.ticket_claims,
          .claims_bytes_max = options.claims_bytes_max};
}

}  // namespace

class Router::Routes {
 public:
  Routes(http::RouterOptions options, http::RouteDependencies& dependencies, RouteMetrics& metrics)
      : options_(std::move(options)),
        dependencies_(dependencies),
        metrics_(metrics),
        refusals_(dependencies.log, dependencies.metrics),
        token_(dependencies, json_),
        ticket_(ticket_options(options_), dependencies, json_),
        api_(api_options(options_), api_limits(options_), dependencies, json_),
        logout_({options_.revocation_ttl, options_.leeway}, dependencies),
        verify_(options_.told_claims, dependencies),
        dev_(options_.message_bytes_max, dependencies, json_),
        admin_(dependencies) {}

  void set_options(http::RouterOptions options) {
    options_ = std::move(options);
    ticket_.set_options(ticket_options(options_));
    api_.set_options(api_options(options_), api_limits(options_));
    logout_.set_options({options_.revocation_ttl, options_.leeway});
    verify_.set_claims(options_.told_claims);
    dev_.set_message_bytes_max(options_.message_bytes_max);
  }

  Route find(std::string_view path, edge::ListenerRole listener) const;
  void handle(const edge::RequestContext& context, edge::Respond respond);
  edge::BodyLimit body_limit(const edge::RequestContext& head) const;
  wire::HttpResponse refuse(const edge::RequestContext& context, Route route,
                            const http::Refusal& refusal);
  http::RefusalLog& refusals() { return refusals_; }
  std::optional<std::string_view> without_prefix(std::string_view path) const;

 private:
  std::size_t body_bytes_max(Route route) const;
  http::Cors cors_of(Route route, const wire::HttpRequest& request) const;
  http::AnswerDependencies answer_dependencies() {
    return {refusals_, dependencies_.refusals_per_address};
  }
  std::string_view api_name(std::string_view path) const;  // what follows `/api/`, if anything
  void handle_options(const edge::RequestContext& context, Route route, http::Answer answer);
  void handle_auth(const edge::RequestContext& context, Route route, http::Answer answer);
  void handle_logout(const edge::RequestContext& context, Route route, http::Answer answer);
  void handle_verify(const edge::RequestContext& context, http::Answer answer);
  void handle_admin(const edge::RequestContext& context, Route route, http::Answer answer);

  http::RouterOptions options_;
  http::RouteDependencies& dependencies_;
  RouteMetrics& metrics_;
  wire::JsonReader json_;
  http::RefusalLog refusals_;
  TokenRoute token_;
  TicketRoute ticket_;
  api::ApiRoute api_;
  LogoutRoute logout_;
  VerifyRoute verify_;
  dev::DevRoute dev_;
  AdminRoutes admin_;
};

std::optional<std::string_view> Router::Routes::without_prefix(std::string_view path) const {
  if (!path.starts_with(options_.prefix)) return {};
  return path.substr(options_.prefix.size());
}

std::string_view Router::Routes::api_name(std::string_view path) const {
  const std::string_view local = path.substr(options_.prefix.size());
  return local.size() > kApiPath.size() ? local.substr(kApiPath.size()) : std::string_view();
}

Route Router::Routes::find(std::string_view path, edge::ListenerRole listener) const {
  if (listener == edge::ListenerRole::admin) {
    if (path == "/healthz") return Route::health;
    if (path == "/readyz") return Route::ready;
    if (path == "/metrics") return Route::metrics;
    if (path == "/admin/config") return Route::config;
    if (path == "/admin/reload") return Route::reload;
    return Route::other;
  }
  const auto local = without_prefix(path);
  if (!local) return Route::other;
  if (listener == edge::ListenerRole::verify) {
    // Envoy puts a prefix before the path of the client's request.
    if (*local == "/auth/verify" || local->starts_with("/auth/verify/")) return Route::verify;
    return Route::other;
  }
  if (serves_clients(listener)) {
    if (*local == "/auth/token") return Route::token;
    if (*local == "/auth/ticket") return Route::ticket;
    if (*local == "/auth/backchannel-logout" && logout_.is_on()) return Route::backchannel_logout;
    if (*local == "/auth/security-events" && logout_.is_on()) return Route::security_events;
    if (*local == "/ws" || *local == "/connection/websocket") return Route::websocket;
    if (dev_.serves(*local)) return Route::dev;
  }
  if (serves_api(listener) && dependencies_.api_keys != nullptr &&
      (local->starts_with(kApiPath) || *local == "/api")) {
    return Route::api;
  }
  // Last: an upstream may have "/*" as its path.
  if (serves_clients(listener) && dependencies_.upstreams != nullptr &&
      dependencies_.upstreams->find(*local)) {
    return Route::upstream;
  }
  return Route::other;
}

std::size_t Router::Routes::body_bytes_max(Route route) const {
  switch (route) {
    case Route::token:
    case Route::ticket:
    case Route::backchannel_logout:
    case Route::security_events:
      return kAuthBodyBytesMax;
    case Route::dev:
      return options_.message_bytes_max + kApiEnvelopeBytes;
    case Route::api:
      return std::max(kApiBodyBytesMin, options_.message_bytes_max + kApiEnvelopeBytes);
    default:
      return kOtherBodyBytesMax;
  }
}

// The answer follows the checks of the route, so these are the ones that it makes before it looks
// at `body_too_large`.
edge::BodyLimit Router::Routes::body_limit(const edge::RequestContext& head) const {
  const wire::HttpRequest& request = head.request;
  const Route route = find(request.path(), head.listener);
  edge::BodyLimit limit{.bytes_max = body_bytes_max(route)};
  switch (route) {
    case Route::token:
    case Route::ticket:
      limit.wanted =
          request.method == "POST" && dependencies_.origins.get()->allows(request.find("origin"));
      break;
    case Route::backchannel_logout:
    case Route::security_events:
      limit.wanted = request.method == "POST" && !request.find("origin");
      break;
    case Route::api:
      limit.wanted = limit.from_backend = api_.wants_body(request, api_name(request.path()));
      break;
    case Route::dev:
      limit.wanted = !dev::check_dev_caller(head);
      break;
    default:
      break;
  }
  return limit;
}

// Only /auth/ticket can live by cookies, and only while a backend says whose they are.
http::Cors Router::Routes::cors_of(Route route, const wire::HttpRequest& request) const {
  if (route != Route::token && route != Route::ticket) return http::Cors::none;
  const auto origin = request.find("origin");
  const bool is_hooked = route == Route::ticket && ticket_.asks_backend();
  return is_hooked && origin && dependencies_.origins.get()->allows_cookies(*origin)
             ? http::Cors::echo_origin_with_credentials
             : http::Cors::echo_origin;
}

wire::HttpResponse Router::Routes::refuse(const edge::RequestContext& context, Route route,
                                          const http::Refusal& refusal) {
  wire::HttpResponse said;
  http::Answer answer(context, metrics_[route], http::Cors::none,
                      http::trace_id_of(context.request, dependencies_.entropy),
                      answer_dependencies(),
                      [&said](wire::HttpResponse response) { said = std::move(response); });
  answer.refuse(refusal);
  return said;
}

void Router::Routes::handle(const edge::RequestContext& context, edge::Respond respond) {
  const Route route = find(context.request.path(), context.listener);
  http::Answer answer(context, metrics_[route], cors_of(route, context.request),
                      http::trace_id_of(context.request, dependencies_.entropy),
                      answer_dependencies(), std::move(respond));
  if (context.request.target == "*") return handle_options(context, route, std::move(answer));
  switch (route) {
    case Route::token:
    case Route::ticket:
      return handle_auth(context, route, std::move(answer));
    case Route::backchannel_logout:
    case Route::security_events:
      return handle_logout(context, route, std::move(answer));
    case Route::health:
    case Route::ready:
    case Route::metrics:
    case Route::config:
    case Route::reload:
      return handle_admin(context, route, std::move(answer));
    case Route::verify:
      return handle_verify(context, std::move(answer));
    case Route::websocket:
    case Route::upstream:
      if (context.request.method != "GET") return answer.refuse_method("GET");
      return answer.refuse({http::Problem::upgrade_required});
    case Route::api:
      return api_.handle(context, api_name(context.request.path()), std::move(answer));
    case Route::dev:
      return dev_.handle(context, *without_prefix(context.request.path()), std::move(answer));
    case Route::other:
    case Route::count_:
      return answer.refuse({http::Problem::not_found});
  }
}

// `OPTIONS` is answered whatever the Origin, so it has a rate of its own.
void Router::Routes::handle_options(const edge::RequestContext& context, Route route,
                                    http::Answer answer) {
  const std::string_view address = http::charged_address(context);
  auto* const limiter = address.empty() ? nullptr : dependencies_.preflights_per_address;
  if (auto refusal = http::check_address(limiter, address, context.now)) {
    refusal->ends_connection = true;
    return answer.refuse(*refusal);
  }
  if (route != Route::token && route != Route::ticket)
    return answer.send(http::make_server_options());
  const auto asked = context.request.find("access-control-request-headers");
  answer.send(http::make_preflight("POST", asked.value_or(""), options_.allowed_headers));
}

// Path, method, Origin, size: the order of contract section 1. The rest is the route's.
void Router::Routes::handle_auth(const edge::RequestContext& context, Route route,
                                 http::Answer answer) {
  const wire::HttpRequest& request = context.request;
  if (request.method == "OPTIONS") return handle_options(context, route, std::move(answer));
  if (request.method != "POST") return answer.refuse_method("POST, OPTIONS");
  if (const auto origin = request.find("origin"); !dependencies_.origins.get()->allows(origin)) {
    const std::string host = auth::origin_host(origin);
    return answer.refuse({.problem = http::Problem::origin_blocked, .log_reason = host});
  }
  if (context.body_too_large) return answer.refuse({http::Problem::too_large});
  if (route == Route::token) return token_.post(context, std::move(answer));
  ticket_.post(context, std::move(answer));
}

// An identity provider is no page: a request with an Origin is refused, and no CORS header is sent.
void Router::Routes::handle_logout(const edge::RequestContext& context, Route route,
                                   http::Answer answer) {
  if (context.request.method != "POST") return answer.refuse_method("POST");
  if (context.request.find("origin")) {
    return answer.refuse(
        {http::Problem::origin_blocked, "This call is for identity providers, not for web pages."});
  }
  if (context.body_too_large) return answer.refuse({http::Problem::too_large});
  logout_.post(route == Route::security_events ? LogoutRoute::Kind::security_event
                                               : LogoutRoute::Kind::backchannel_logout,
               context, std::move(answer));
}

// A handshake is a GET, and proxies ask as the client did. Another method is no handshake.
void Router::Routes::handle_verify(const edge::RequestContext& context, http::Answer answer) {
  const auto method = context.request.method;
  answer.tell_code();
  if (method != "GET" && method != "HEAD") return answer.refuse_method("GET, HEAD");
  verify_.ask(context, std::move(answer));
}

void Router::Routes::handle_admin(const edge::RequestContext& context, Route route,
                                  http::Answer answer) {
  const auto method = context.request.method;
  if (route == Route::reload) {
    if (method != "POST") return answer.refuse_method("POST");
  } else if (method != "GET" && method != "HEAD") {
    return answer.refuse_method("GET, HEAD");
  }
  if (const auto refusal = check_admin_host(context, options_.admin_hosts)) {
    return answer.refuse(*refusal);
  }
  if (route == Route::reload || route == Route::config) {
    if (const auto refusal = check_no_page(context)) return answer.refuse(*refusal);
  }
  if (route == Route::reload) {
    if (context.body_too_large) return answer.refuse({http::Problem::too_large});
    if (const auto refusal = http::check_unused_body(json_, context.request.body)) {
      return answer.refuse(*refusal);
    }
    return admin_.reload(std::move(answer));
  }
  if (route == Route::config) return admin_.config(std::move(answer));
  if (route == Route::health) return admin_.health(std::move(answer));
  if (route == Route::ready) return admin_.ready(std::move(answer));
  admin_.metrics(std::move(answer));
}

Router::Router(http::RouterOptions options, http::RouteDependencies& dependencies,
               RouteMetrics& metrics)
    : routes_(std::make_unique<Routes>(std::move(options), dependencies, metrics)) {}

Router::~Router() = default;

void Router::set_options(http::RouterOptions options) { routes_->set_options(std::move(options)); }

http::RefusalLog& Router::refusals() { return routes_->refusals(); }

void Router::handle(const edge::RequestContext& context, edge::Respond respond) {
  routes_->handle(context, std::move(respond));
}

edge::BodyLimit Router::body_limit(const edge::RequestContext& head) const {
  return routes_->body_limit(head);
}

wire::HttpResponse Router::refuse(const edge::RequestContext& context, Route route,
                                  const http::Refusal& refusal) {
  return routes_->refuse(context, route, refusal);
}

std::string_view Router::local_path(std::string_view path) const {
  return routes_->without_prefix(path).value_or(path);
}

Router::Endpoint Router::websocket_endpoint(std::string_view path,
                                            edge::ListenerRole listener) const {
  const Route route = routes_->find(path, listener);
  if (route == Route::upstream) return Endpoint::upstream;
  if (route != Route::websocket) return Endpoint::none;
  return path.ends_with("/connection/websocket") ? Endpoint::connection_websocket : Endpoint::ws;
}

}  // namespace usher::gateway
