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

// Returns the URL without path, query and fragment: the gateway of a raw client, unless it has a
// path prefix. Requires that `url` is one.
std::string root_url(std::string_view url);

// Whether the URL's query has a parameter `ticket`, whose place is taken.
bool names_ticket(std::string_view url);

// Whether the gateway is on this machine, where it can be reached offline, too.
bool is_loopback(std::string_view url);

}  // namespace usher::client
