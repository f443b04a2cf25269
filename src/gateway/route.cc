#include "gateway/route.h"

#include "base/check.h"

namespace usher::gateway {

std::string_view to_string(Route route) {
  switch (route) {
    case Route::token:
      return "token";
    case Route::ticket:
      return "ticket";
    case Route::backchannel_logout:
      return "backchannel_logout";
    case Route::security_events:
      return "security_events";
    case Route::websocket:
      return "websocket";
    case Route::upstream:
      return "upstream";
    case Route::api:
      return "api";
    case Route::health:
      return "healthz";
    case Route::ready:
      return "readyz";
    case Route::metrics:
      return "metrics";
    case Route::config:
      return "config";
    case Route::reload:
      return "reload";
    case Route::verify:
      return "verify";
    case Route::dev:
      return "dev";
    case Route::other:
      return "other";
    case Route::count_:
      break;
  }
  USHER_CHECK(false);
}

}  // namespace usher::gateway
