// What a request's head must look like before a lenient parser may see it (RFC 9112 with no
// leniency).
//
// Two readers that disagree on where a request ends are how requests are smuggled. So usher takes
// only heads that can be read in one way: bare LF, obs-fold, repeated fields, two lengths are
// refused, and the connection closed. What every reader takes alike is taken: all four forms of a
// target but CONNECT's, empty lines before a request, an empty Host, any HTTP/1.x.
//
// Threads: none. Plain functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace usher::wire {

// Of a head with the empty line that ends it, where the caller says nothing else.
inline constexpr std::size_t kHttpHeadBytesMax = 16384;
inline constexpr std::size_t kHttpFieldsMax = 100;
inline constexpr std::size_t kHttpEmptyLinesMax = 4;  // before a request (RFC 9112 section 2.2)

enum class HttpRefusal : std::uint8_t {
  malformed_line_end,      // CR or LF alone
  malformed_byte,          // NUL or another control
  malformed_request_line,  // not exactly METHOD SP target SP HTTP/digit.digit
  unsupported_version,     // HTTP, but not 1.x
  malformed_field,  // no name, a name that is no token, white space before the colon, a folded line
  repeated_field,   // of those that must be unique
  malformed_host,   // missing on HTTP/1.1, or neither a host nor empty
  malformed_length,  // Content-Length that is not a plain number
  malformed_coding,  // Transfer-Encoding other than `chunked`, with Content-Length, or in HTTP/1.0
  malformed_chunk,
  head_too_large,
  body_too_large,
  body_unwanted,  // the head alone decides: the caller has a refusal of its own
};

// 400, 413, 431 or 505. Each ends the connection.
int status_of(HttpRefusal refusal);

// What was wrong, for people; "" where the status says it.
std::string_view reason_of(HttpRefusal refusal);

// How the body is delimited, and what the caller must know before it has come.
struct HttpFraming {
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool expects_continue = false;  // Expect: 100-continue, on HTTP/1.1
  int minor_version = 1;          // as it came: HTTP/1.7 is read as HTTP/1.1 is
};

// A request's target in its parts (RFC 9112 section 3.2).
struct HttpTarget {
  std::string_view authority;  // of the absolute form: the host, and perhaps a port; else ""
  std::string_view local;  // from the path on: "/path?query", "?query", "" (both read as "/"), or
                           // "*", the server itself, for OPTIONS only
};

// Nothing where it is none that a server may be asked for. An absolute target is http or https,
// with a host, and without user information. Views point into `target`.
std::optional<HttpTarget> split_target(std::string_view method, std::string_view target);

// Whether a line behind the last chunk is a trailer field that can be passed over: well-formed, and
// none that says where a message ends or whom it is for.
bool is_trailer(std::string_view line);

// Checks `head`, from the request line to the empty line that ends it, both included.
Result<HttpFraming, HttpRefusal> check_head(std::string_view head);

// Looks for the head's end while it trickles in: each byte is looked at once.
class HeadScanner {
 public:
  explicit HeadScanner(std::size_t head_bytes_max = kHttpHeadBytesMax)
      : head_bytes_max_(head_bytes_max) {}

  // `bytes`: what has come of the request so far, the same and more at each call. Where the head
  // ends once it is complete; nothing: more is needed.
  Result<std::optional<std::size_t>, HttpRefusal> scan(std::string_view bytes);

  // Where the head begins: behind empty lines, if there are any.
  std::size_t begin() const { return begin_; }

 private:
  std::size_t head_bytes_max_;
  std::size_t begin_ = 0;
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
};

}  // namespace usher::wire
