// The charge of a refused request to the address that it came from (limits.refusals_per_address).
//
// A refusal is cheap for a caller and not for us, so an address may have so many, and then gets 429
// and the end of its connection instead. Requests that are not refused never come here: a neighbour
// behind the same address is not shut out by the one who knocks at wrong doors.
//
// Threads: any. Borrows: the limiter.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "edge/exchange.h"
#include "http/problem.h"
#include "limits/rate_limiter.h"

namespace usher::http {

// The address that a refusal of this request is charged to. "": none, because the operator's own
// machines ask here (the listeners of admin and of the verify door), or because it stands for many.
std::string_view charged_address(const edge::RequestContext& context);

// Charges a refusal that is the caller's fault (4xx, 505). Nothing: say it. Else: say 429 with this
// Retry-After in its place, and end the connection. A null limiter charges nothing.
std::optional<Duration> charge_refusal(limits::RateLimiter* limiter, Problem problem,
                                       std::string_view charged_address, TimePoint now);

}  // namespace usher::http
