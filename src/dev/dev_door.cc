#include "dev/dev_door.h"

#include <string>

#include "auth/origin.h"

namespace usher::dev {
namespace {

bool is_loopback(std::string_view address) {
  constexpr std::string_view kMapped = "::ffff:";
  if (address.starts_with(kMapped)) address.remove_prefix(kMapped.size());
  return address.starts_with("127.") || address == "::1";
}

http::Refusal foreign(std::string_view detail, std::string_view log_reason) {
  return {.problem = http::Problem::origin_blocked, .detail = detail, .log_reason = log_reason};
}

// The origin of a page that was loaded from the host that this request names.
std::optional<auth::Origin> own_origin(const edge::RequestContext& context) {
  const auto host = context.request.find("host");
  if (!host) return {};
  return auth::parse_origin((context.secure ? "https://" : "http://") + std::string(*host));
}

}  // namespace

std::optional<http::Refusal> check_dev_reader(const edge::RequestContext& context) {
  if (!is_loopback(context.peer_address)) {
    return foreign("The page and switches of --dev are only for browsers on this machine.", "peer");
  }
  const auto own = own_origin(context);
  if (!own || !auth::is_loopback_page(*own)) {
    return foreign("Open it by a name of this machine, as in http://127.0.0.1:8080/.", "host");
  }
  const auto origin = context.request.find("origin");
  if (origin && auth::parse_origin(*origin) != own) {
    return foreign("The switches of --dev obey the page of --dev alone.", "origin");
  }
  return {};
}

std::optional<http::Refusal> check_dev_caller(const edge::RequestContext& context) {
  if (const auto refusal = check_dev_reader(context)) return refusal;
  if (context.request.find("origin")) return {};
  return foreign("Send the Origin of the page: 'Origin: http://<Host>'.", "origin");
}

}  // namespace usher::dev
