// The members of `subscribe` that say how the subscription shall be: what presence shows, what the
// client gets with it, when it ends, and the options that the backend expects.
//
// Threads: none. Plain functions.
#pragma once

#include <optional>

#include "api/api_limits.h"
#include "http/json_fields.h"
#include "hub/channel_rules.h"
#include "hub/subscription_grant.h"

namespace usher::api {

// Reads `info`, `b64info`, `data`, `b64data` and `expire_at`. Returns `nullopt` if none of them says
// something: then the subscription needs no grant.
std::optional<hub::SubscriptionGrant> read_grant(http::JsonFields& fields, const ApiLimits& limits);

// Reads `override`. A subscription has the options of the channel's namespace, so each member must
// have the value that the namespace has; any other value is a fault that names it.
void check_override(http::JsonFields& fields, const hub::NamespaceOptions* options);

}  // namespace usher::api
