// Access control for the switches of `--dev`: only usher's own page, in a browser on this machine,
// may use them.
//
// There is one check for each of three attacks. The peer's address stops other machines in the
// network, which can send any header. The Host stops DNS rebinding: an attacker's name that
// resolves to this machine, so that the browser takes the attacker's pages for usher's. The Origin
// stops any other page in that browser (CSRF).
//
// Threads: none of its own.
#pragma once

#include <optional>

#include "edge/exchange.h"
#include "http/answer.h"

namespace usher::dev {

// For requests that only read; they return nothing that the page does not show. The peer and the
// Host must be this machine, and the Origin, if there is one, usher's own page.
std::optional<http::Refusal> check_dev_reader(const edge::RequestContext& context);

// For requests that change something: the Origin is required, too. Browsers send it with every
// POST.
std::optional<http::Refusal> check_dev_caller(const edge::RequestContext& context);

}  // namespace usher::dev
