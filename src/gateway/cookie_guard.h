// Whether a request that lives by its cookies may reach the backend's ticket hook.
//
// A browser adds cookies to requests of any page. So a page of another site could get tickets in
// the name of its visitor (CSRF), unless the request says that it comes from a page of the list.
// Browsers say so in Origin. They also send Sec-Fetch-… with every request to an https server, which
// no script can set: a request with these and without an Origin is a browser's, and is refused.
//
// Threads: none; a pure function.
#pragma once

#include <optional>

#include "auth/origin_policy.h"
#include "http/answer.h"
#include "wire/http_message.h"

namespace usher::gateway {

// Returns `nullopt` if the request may go on. Requires: origins.allows() its Origin.
std::optional<http::Refusal> check_cookie_caller(const wire::HttpRequest& request,
                                                 const auth::OriginPolicy& origins);

}  // namespace usher::gateway
