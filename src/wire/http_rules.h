// What a request's head must look like before a lenient parser may see it (RFC 9112 with no
// leniency).
//
// Two readers that disagree on where a request ends are how requests are smuggled. So usher takes
// only heads that can be read in one way: everything that RFC 9112 lets a server tolerate (bare LF,
// obs-fold, repeated fields, empty lines before the request) is refused, and the connection closed.
//
// Threads: none. Plain functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace usher::wire {

inline constexpr std::size_t kHttpHeadBytesMax = 8192;  // with the empty line that ends it
inline constexpr std::size_t kHttpFieldsMax = 100;

enum class HttpRefusal : std::uint8_t {
  malformed_line_end,      // CR or LF alone
  malformed_byte,          // NUL or another control
  malformed_request_line,  // not exactly METHOD SP /target SP HTTP/1.0 or HTTP/1.1
  malformed_field,  // no name, a name that is no token, white space before the colon, a folded line
  repeated_field,   // of those that must be unique
  malformed_host,   // missing on HTTP/1.1, or no host
  malformed_length,  // Content-Length that is not a plain number
  malformed_coding,  // Transfer-Encoding other than exactly `chunked`, with Content-Length, or in
                     // HTTP/1.0
  malformed_chunk,
  head_too_large,
  body_too_large,
};

// 400, 413 or 431. Each ends the connection.
int status_of(HttpRefusal refusal);

// What was wrong, for people; "" where the status says it.
std::string_view reason_of(HttpRefusal refusal);

// How the body is delimited, and what the caller must know before it has come.
struct HttpFraming {
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool expects_continue = false;  // Expect: 100-continue, on HTTP/1.1
};

// Checks `head`, from the request line to the empty line that ends it, both included.
Result<HttpFraming, HttpRefusal> check_head(std::string_view head);

// Looks for the head's end while it trickles in: each byte is looked at once.
class HeadScanner {
 public:
  // `bytes`: what has come of the request so far, the same and more at each call. The head's size
  // once it is complete; nothing: more is needed.
  Result<std::optional<std::size_t>, HttpRefusal> scan(std::string_view bytes);

 private:
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
};

}  // namespace usher::wire
