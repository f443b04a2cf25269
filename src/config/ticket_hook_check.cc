#include "config/ticket_hook_check.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "ticket/hook_fields.h"

namespace usher::config {

void check_ticket_hook(const Config& config, ConfigReport& report) {
  const std::vector<std::string>& names = config.hooks.ticket_headers;
  if (names.size() > ticket::kHookHeadersMax) {
    report.error("hooks.ticket_headers has more than 16 names");
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view fault = ticket::why_not_forwarded(names[i]);
    if (fault.empty()) continue;
    report.error("hooks.ticket_headers: '" + names[i] + "' " + std::string(fault), i);
  }
  if (config.hooks.ticket_url.empty()) {
    if (!names.empty()) {
      report.warn("hooks.ticket_headers without hooks.ticket_url: nothing is sent anywhere");
    }
    return;
  }
  const auto origins = config.client.allowed_origins.value_or(std::vector<std::string>());
  if (std::ranges::find(origins, "null") != origins.end()) {
    report.warn(
        "hooks.ticket_url with 'null' in client.allowed_origins: pages of that Origin get no ticket "
        "by their cookies, because every site can make such a page; they need a token");
  }
}

}  // namespace usher::config
