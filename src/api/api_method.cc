#include "api/api_method.h"

#include "base/check.h"

namespace usher::api {

std::string_view to_string(ApiMethod method) {
  switch (method) {
    case ApiMethod::publish:
      return "publish";
    case ApiMethod::broadcast:
      return "broadcast";
    case ApiMethod::subscribe:
      return "subscribe";
    case ApiMethod::unsubscribe:
      return "unsubscribe";
    case ApiMethod::disconnect:
      return "disconnect";
    case ApiMethod::refresh:
      return "refresh";
    case ApiMethod::presence:
      return "presence";
    case ApiMethod::presence_stats:
      return "presence_stats";
    case ApiMethod::history:
      return "history";
    case ApiMethod::history_remove:
      return "history_remove";
    case ApiMethod::channels:
      return "channels";
    case ApiMethod::info:
      return "info";
    case ApiMethod::batch:
      return "batch";
    case ApiMethod::bind:
      return "bind";
    case ApiMethod::revoke:
      return "revoke";
    case ApiMethod::ticket:
      return "ticket";
    case ApiMethod::redeem:
      return "redeem";
    case ApiMethod::sessions:
      return "sessions";
    case ApiMethod::count_:
      break;
  }
  USHER_CHECK(false);
}

std::optional<ApiMethod> api_method(std::string_view name) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(ApiMethod::count_); ++i) {
    const auto method = static_cast<ApiMethod>(i);
    if (to_string(method) == name) return method;
  }
  return {};
}

}  // namespace usher::api
