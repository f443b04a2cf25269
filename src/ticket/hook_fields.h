// The header fields of a client's request that go along to the backend's ticket hook: Cookie,
// Authorization, and those that hooks.ticket_headers names.
//
// Threads: any; plain functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/http_message.h"

namespace usher::ticket {

inline constexpr std::size_t kHookHeadersMax = 16;
inline constexpr std::size_t kHookHeaderBytesMax = 64;

// Returns "" if hooks.ticket_headers may name this field. Otherwise returns why not: the end of a
// sentence that begins with the name.
std::string_view why_not_forwarded(std::string_view name);

using HookFields = std::vector<std::pair<std::string, std::string>>;

// Returns the fields of `request` that go along, in a fixed order, with each name once. Several
// Cookie fields become one, joined by "; " (RFC 6265 section 5.4); several others are joined by ", ".
// Values are passed on byte for byte. Empty fields are left out.
HookFields hook_fields(const wire::HttpRequest& request, std::span<const std::string> more);

}  // namespace usher::ticket
