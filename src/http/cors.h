// Lets a page of an allowed Origin read the answers of the /auth/ calls (the Fetch standard's CORS
// protocol).
//
// A foreign Origin may read them too: it gets nothing but a 403, and a refusal that its script
// can't read would look to it like a broken network, to be retried forever. Nothing is given away,
// because these calls live by the Bearer header alone. `*` is never sent.
//
// One call may live by cookies: /auth/ticket, while there is a ticket hook. Its answers have
// `Allow-Credentials` for the Origins of the list, and for no other.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wire/http_message.h"

namespace usher::http {

// Marks `response` as readable by `origin`, echoed exactly as it came (`null` included), and as
// depending on it. With `credentials`, also if the page has sent cookies. Requires: `origin` is then
// on the operator's list.
void add_cors(wire::HttpResponse& response, std::optional<std::string_view> origin,
              bool credentials = false);

// 204 for OPTIONS, a CORS preflight or not. The caller adds add_cors(). `asked`: the value of
// Access-Control-Request-Headers. `more`: header names that pages may send besides the usual ones
// (client.allowed_headers); `x-name-*` stands for all that begin so.
wire::HttpResponse make_preflight(std::string_view methods, std::string_view asked = {},
                                  std::span<const std::string> more = {});

// 204 for `OPTIONS *`, which asks about the server as a whole (RFC 9110 section 9.3.7).
wire::HttpResponse make_server_options();

// Whether `text` can stand in client.allowed_headers.
bool is_header_pattern(std::string_view text);

}  // namespace usher::http
