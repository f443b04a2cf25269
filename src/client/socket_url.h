// From the gateway's URL to those of its calls. The URL is cut as text, not parsed and printed
// again: what the user wrote is what goes out.
#pragma once

#include <string>
#include <string_view>

namespace usher::client {

// The URL without query, fragment and trailing slashes.
std::string base_url(std::string_view url);

// http→ws, https→wss, the path kept, and the ticket. A secret.
std::string socket_url(std::string_view url, std::string_view ticket);

// The gateway is on this machine: being offline does not keep us from it.
bool is_loopback(std::string_view url);

}  // namespace usher::client
