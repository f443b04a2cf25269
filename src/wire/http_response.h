// Writes HTTP responses (RFC 9110, RFC 9112).
//
// Threads: none. Plain functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/wall_clock.h"
#include "wire/http_message.h"

namespace usher::wire {

struct ResponseOptions {
  bool keep_alive = true;         // the connection stays open; HttpResponse::close overrules it
  bool head_only = false;         // the request was HEAD: Content-Length as for GET, no body
  int request_minor_version = 1;  // HTTP/1.0 needs an explicit keep-alive
  std::optional<WallTime> date;   // for the Date field
};

// Appends status line, fields, Content-Length (none with 1xx and 204), Connection, Date and body.
// A field's name or value with CR, LF or NUL is a mistake of the caller, and aborts.
void append_response(std::string& out, const HttpResponse& response,
                     const ResponseOptions& options = {});

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// The phrases of RFC 9110 section 15 (and RFC 6585); "Unknown" for others.
std::string_view reason_phrase(int status);

// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
std::string http_date(WallTime time);

}  // namespace usher::wire
