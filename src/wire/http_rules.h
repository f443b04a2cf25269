// The rules that a request's head must pass before a lenient parser reads it: RFC 9112 with no
// leniency.
//
// Requests are smuggled where two readers disagree on the end of a request. So usher accepts only
// heads that can be read in one way. A bare LF, obs-fold, a repeated field or a second length is
// refused, and the connection is closed. Forms that every reader reads alike are accepted: all
// forms of a target but CONNECT's, empty lines before a request, an empty Host, any HTTP/1.x.
//
// Threads: none. Plain functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace usher::wire {

// The default limit of a head, with the empty line that ends it.
inline constexpr std::size_t kHttpHeadBytesMax = 16384;
inline constexpr std::size_t kHttpFieldsMax = 100;
inline constexpr std::size_t kHttpEmptyLinesMax = 4;  // before a request (RFC 9112 section 2.2)

enum class HttpRefusal : std::uint8_t {
  malformed_line_end,      // CR or LF alone
  malformed_byte,          // NUL or another control
  malformed_request_line,  // not exactly METHOD SP target SP HTTP/digit.digit
  unsupported_version,     // HTTP, but not 1.x
  malformed_field,  // no name, a name that is no token, white space before the colon, a folded line
  repeated_field,   // a field that must be unique
  malformed_host,   // missing on HTTP/1.1, or neither a host nor empty
  malformed_length,  // Content-Length that is not a plain number
  malformed_coding,  // Transfer-Encoding other than `chunked`, with Content-Length, or in HTTP/1.0
  malformed_chunk,
  head_too_large,
  body_too_large,
  body_unwanted,  // the head alone is refused: the caller has a refusal of its own
};

// Returns 400, 413, 431 or 505. Each ends the connection.
int status_of(HttpRefusal refusal);

// Returns the fault in words; "" if the status says it.
std::string_view reason_of(HttpRefusal refusal);

// How the body is delimited, and the facts that the caller needs before the body arrives.
struct HttpFraming {
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool expects_continue = false;  // Expect: 100-continue, on HTTP/1.1
  int minor_version = 1;          // as received: HTTP/1.7 is read like HTTP/1.1
};

// The parts of a request's target (RFC 9112 section 3.2).
struct HttpTarget {
  std::string_view authority;  // of the absolute form: the host, and perhaps a port; else ""

  // From the path on: "/path?query", "?query", "" (both read as "/"), or "*", the server itself,
  // for OPTIONS only.
  std::string_view local;
};

// Returns nullopt if a server must not accept the target. An absolute target must be http or https,
// with a host, and without user information. Views point into `target`.
std::optional<HttpTarget> split_target(std::string_view method, std::string_view target);

// Returns true if a line after the last chunk is a trailer field that can be skipped: well-formed,
// and not a field that frames or routes a message.
bool is_trailer(std::string_view line);

// Checks `head`, from the request line to the empty line that ends it, both included.
Result<HttpFraming, HttpRefusal> check_head(std::string_view head);

// Finds the head's end while the head arrives. Each byte is examined once.
class HeadScanner {
 public:
  explicit HeadScanner(std::size_t head_bytes_max = kHttpHeadBytesMax)
      : head_bytes_max_(head_bytes_max) {}

  // `bytes`: all bytes of the request received so far; each call passes the same bytes and more.
  // Returns the position where the head ends, or nullopt if more bytes are needed.
  Result<std::optional<std::size_t>, HttpRefusal> scan(std::string_view bytes);

  // Returns the position where the head begins: after empty lines, if there are any.
  std::size_t begin() const { return begin_; }

 private:
  std::size_t head_bytes_max_;
  std::size_t begin_ = 0;
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
};

}  // namespace usher::wire
