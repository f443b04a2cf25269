// From the gateway's URL to those of its calls. The URL is cut as text, not parsed and printed
// again, so that a request goes to exactly the URL that the user wrote.
#pragma once

#include <string>
#include <string_view>

namespace usher::client {

// Returns the URL without query, fragment and trailing slashes.
std::string base_url(std::string_view url);

// Returns the URL of the upgrade: http→ws, https→wss, the path kept, and the ticket. It is a
// secret.
std::string socket_url(std::string_view url, std::string_view ticket);

// Returns the URL of a raw client's upgrade: http→ws, https→wss, path and query kept, and the ticket
// as the last query parameter. It is a secret.
std::string raw_socket_url(std::string_view url, std::string_view ticket);

// Whether the gateway is on this machine, where it can be reached offline, too.
bool is_loopback(std::string_view url);

}  // namespace usher::client
