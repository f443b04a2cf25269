// Who may throw the switches of `--dev`: a page of ours, in a browser on this machine.
//
// Three checks, for three attackers. The peer's address: neighbours in the network, who can write
// any header. The Host: a name of theirs that was made to lead here (DNS rebinding), whose pages
// the browser takes for ours. The Origin: any other page in that browser (CSRF).
//
// Threads: none of its own.
#pragma once

#include <optional>

#include "edge/exchange.h"
#include "http/answer.h"

namespace usher::dev {

// For reading, which gives nothing away that the page itself does not show: peer and Host, and an
// Origin, if there is one, must be ours.
std::optional<http::Refusal> check_dev_reader(const edge::RequestContext& context);

// For whatever changes something: the Origin must be there too. Browsers send it with every POST.
std::optional<http::Refusal> check_dev_caller(const edge::RequestContext& context);

}  // namespace usher::dev
