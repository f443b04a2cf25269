// By which names the admin listener answers: a page on the web can make a name of its own lead to
// this machine (DNS rebinding), and its script may then read what that name answers.
//
// Addresses are safe: a browser puts one into Host only where its user, or a page from that very
// address, asked for it. So are names below `localhost`, which lead nowhere else, and names without
// a dot (`usher`, as containers call each other), which cannot be registered.
//
// Threads: none of its own.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "edge/exchange.h"
#include "http/answer.h"

namespace usher::gateway {

// Nothing: answer. `more`: names that are ours too, in lowercase (admin.allowed_hosts), or `*`.
// A request without a Host comes from no browser.
std::optional<http::Refusal> check_admin_host(const edge::RequestContext& context,
                                              std::span<const std::string> more);

// Refuses every request that a web page caused: it has an Origin, or a Sec-Fetch-Site other than
// `none`. For paths that change something or show more than counts. (A person who types the path
// into a browser sends `none`.)
std::optional<http::Refusal> check_no_page(const edge::RequestContext& context);

}  // namespace usher::gateway
