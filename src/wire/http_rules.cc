#include "wire/http_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "base/ascii.h"
#include "wire/field_list.h"
#include "wire/http_message.h"

namespace usher::wire {
namespace {

constexpr std::uint64_t kContentLengthMax = std::uint64_t{1} << 53;

// Of these a second one, even an equal one, means that two readers could take different ones for
// good.
constexpr std::array<std::string_view, 10> kUniqueNames = {
    "authorization",     "content-length",        "content-type",      "expect",   "host", "origin",
    "sec-websocket-key", "sec-websocket-version", "transfer-encoding", "x-api-key"};

// A trailer that says one of these would change how the message is read.
constexpr std::array<std::string_view, 3> kNeverTrailers = {"content-length", "host",
                                                            "transfer-encoding"};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// RFC 9110 section 5.6.2.
constexpr auto kTokenChars = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 128; ++c)
    table[c] = is_digit(static_cast<char>(c)) || is_letter(static_cast<char>(c));
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// HTAB, visible ASCII and space, obs-text.
bool is_value_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
}

template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

bool is_token(std::string_view text) {
  return !text.empty() &&
         all(text, [](char c) { return kTokenChars[static_cast<unsigned char>(c)]; });
}

// How many bytes at the front of `text` are is_value_char(). Eight at a time, as long as all of
// them are and none is a HTAB: heads are long, and each byte is looked at twice.
std::size_t value_bytes(std::string_view text) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  constexpr std::uint64_t kTop = 0x80 * kEach;
  std::size_t count = 0;
  for (std::uint64_t word; text.size() - count >= sizeof word; count += sizeof word) {
    std::memcpy(&word, text.data() + count, sizeof word);
    const std::uint64_t below_space = (word - 0x20 * kEach) & ~word & kTop;
    const std::uint64_t other_than_delete = word ^ 0x7F * kEach;
    const std::uint64_t is_delete = (other_than_delete - kEach) & ~other_than_delete & kTop;
    if ((below_space | is_delete) != 0) break;
  }
  while (count < text.size() && is_value_char(text[count])) ++count;
  return count;
}

bool is_value(std::string_view text) { return value_bytes(text) == text.size(); }

// The line at the front of `rest`, without its CRLF, which is taken off.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
  return line;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && text.size() <= 5 &&
         port <= 65535;
}

bool is_ipv6_char(char c) {
  return is_digit(c) || c == ':' || c == '.' || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

bool is_host_char(char c) {
  return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

// RFC 9110 section 7.2, without what no host on the web has: sub-delims, percent-encoding; and not
// empty.
bool is_host(std::string_view value) {
  std::string_view port;
  if (!value.empty() && value.front() == '[') {
    const std::size_t close = value.find(']');
    if (close == std::string_view::npos || close < 3) return false;
    const std::string_view address = value.substr(1, close - 1);
    if (!all(address, is_ipv6_char)) return false;
    port = value.substr(close + 1);
  } else {
    const std::size_t end = std::min(value.find(':'), value.size());
    const std::string_view name = value.substr(0, end);
    if (name.empty() || !all(name, is_host_char)) return false;
    port = value.substr(end);
  }
  return port.empty() || (port.front() == ':' && is_port(port.substr(1)));
}

std::optional<std::uint64_t> parse_length(std::string_view value) {
  if (value.empty() || !all(value, is_digit)) return std::nullopt;
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (error != std::errc() || length > kContentLengthMax) return std::nullopt;
  return length;
}

// METHOD SP target SP HTTP/1.x: the minor version, if it is that.
Result<int, HttpRefusal> check_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return HttpRefusal::malformed_request_line;
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(last + 1);

  constexpr std::string_view kName = "HTTP/";
  const bool is_version = version.size() == kName.size() + 3 && version.starts_with(kName) &&
                          is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!is_version || !is_token(method)) return HttpRefusal::malformed_request_line;
  if (version[5] != '1') return HttpRefusal::unsupported_version;
  if (!split_target(method, line.substr(first + 1, last - first - 1))) {
    return HttpRefusal::malformed_request_line;
  }
  return version[7] - '0';
}

// What the fields have said so far.
struct Fields {
  std::array<bool, kUniqueNames.size()> seen{};
  bool has_host = false;
  bool has_length = false;
  HttpFraming framing;

  // Nothing if the field is good.
  std::optional<HttpRefusal> take(std::string_view line);
  std::optional<HttpRefusal> take_value(std::string_view unique_name, std::string_view value);
};

std::optional<HttpRefusal> Fields::take(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return HttpRefusal::malformed_field;
  }
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!is_value(value)) return HttpRefusal::malformed_byte;
  for (std::size_t i = 0; i < kUniqueNames.size(); ++i) {
    if (!equal_ignoring_case(line.substr(0, colon), kUniqueNames[i])) continue;
    if (seen[i]) return HttpRefusal::repeated_field;
    seen[i] = true;
    return take_value(kUniqueNames[i], value);
  }
  return std::nullopt;
}

std::optional<HttpRefusal> Fields::take_value(std::string_view unique_name,
                                              std::string_view value) {
  if (unique_name == "host") {
    has_host = true;
    // Empty: the target has no authority (RFC 9112 section 3.2).
    if (!value.empty() && !is_host(value)) return HttpRefusal::malformed_host;
  } else if (unique_name == "content-length") {
    has_length = true;
    const auto length = parse_length(value);
    if (!length) return HttpRefusal::malformed_length;
    framing.content_length = *length;
  } else if (unique_name == "transfer-encoding") {
    if (!equal_ignoring_case(value, "chunked")) return HttpRefusal::malformed_coding;
    framing.chunked = true;
  } else if (unique_name == "expect") {
    framing.expects_continue = equal_ignoring_case(value, "100-continue");
  }
  return std::nullopt;
}

}  // namespace

std::string_view reason_of(HttpRefusal refusal) {
  switch (refusal) {
    case HttpRefusal::malformed_line_end:
      return "a line ends in CR or LF alone";
    case HttpRefusal::malformed_byte:
      return "the request's head holds a control character";
    case HttpRefusal::malformed_request_line:
      return "the first line must be a method, a path from '/' on or an http URL, and the version";
    case HttpRefusal::unsupported_version:
      return "only versions 1.1 and 1.0 of HTTP are spoken here";
    case HttpRefusal::malformed_field:
      return "a header field is malformed or folded";
    case HttpRefusal::repeated_field:
      return "a header field that may come once came twice";
    case HttpRefusal::malformed_host:
      return "Host is missing or malformed";
    case HttpRefusal::malformed_length:
      return "Content-Length is no plain number";
    case HttpRefusal::malformed_coding:
      return "Transfer-Encoding must be 'chunked' alone, and without Content-Length";
    case HttpRefusal::malformed_chunk:
      return "a chunk or a trailer field is malformed or too long";
    case HttpRefusal::head_too_large:
    case HttpRefusal::body_too_large:
    case HttpRefusal::body_unwanted:
      break;
  }
  return {};
}

int status_of(HttpRefusal refusal) {
  switch (refusal) {
    case HttpRefusal::malformed_line_end:
    case HttpRefusal::malformed_byte:
    case HttpRefusal::malformed_request_line:
    case HttpRefusal::malformed_field:
    case HttpRefusal::repeated_field:
    case HttpRefusal::malformed_host:
    case HttpRefusal::malformed_length:
    case HttpRefusal::malformed_coding:
    case HttpRefusal::malformed_chunk:
    case HttpRefusal::body_unwanted:
      return 400;
    case HttpRefusal::body_too_large:
      return 413;
    case HttpRefusal::head_too_large:
      return 431;
    case HttpRefusal::unsupported_version:
      return 505;
  }
  return 400;
}

Result<HttpFraming, HttpRefusal> check_head(std::string_view head) {
  const auto minor_version = check_request_line(take_line(head));
  if (!minor_version) return minor_version.error();

  Fields fields;
  std::size_t count = 0;
  for (std::string_view line = take_line(head); !line.empty(); line = take_line(head)) {
    if (++count > kHttpFieldsMax) return HttpRefusal::head_too_large;
    if (const auto refusal = fields.take(line)) return *refusal;
  }
  if (*minor_version > 0 && !fields.has_host) return HttpRefusal::malformed_host;
  if (fields.framing.chunked && (fields.has_length || *minor_version == 0)) {
    return HttpRefusal::malformed_coding;
  }
  if (*minor_version == 0) fields.framing.expects_continue = false;
  fields.framing.minor_version = *minor_version;
  return fields.framing;
}

std::optional<HttpTarget> split_target(std::string_view method, std::string_view target) {
  const bool is_visible = all(target, [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
  if (target.empty() || !is_visible) return std::nullopt;
  if (target.front() == '/') return HttpTarget{{}, target};
  if (target == "*") {
    return method == "OPTIONS" ? std::optional(HttpTarget{{}, target}) : std::nullopt;
  }
  const std::size_t mark = std::min(target.find("://"), target.size());
  const std::string_view scheme = target.substr(0, mark);
  if (mark == target.size() ||
      (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https"))) {
    return std::nullopt;
  }
  const std::string_view rest = target.substr(mark + 3);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  if (!is_host(rest.substr(0, end))) return std::nullopt;
  // OPTIONS for a URL without path and query asks about the server (RFC 9112 section 3.2.4).
  const bool is_server = method == "OPTIONS" && end == rest.size();
  return HttpTarget{rest.substr(0, end), is_server ? std::string_view("*") : rest.substr(end)};
}

bool is_trailer(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
  const std::string_view name = line.substr(0, colon);
  const bool is_framing =
      std::any_of(kNeverTrailers.begin(), kNeverTrailers.end(),
                  [name](std::string_view never) { return equal_ignoring_case(name, never); });
  return !is_framing && is_value(line.substr(colon + 1));
}

Result<std::optional<std::size_t>, HttpRefusal> HeadScanner::scan(std::string_view bytes) {
  const std::size_t end = std::min(bytes.size(), begin_ + head_bytes_max_);
  while (scanned_ < end) {
    scanned_ += value_bytes(bytes.substr(scanned_, end - scanned_));
    if (scanned_ == end) break;
    const char c = bytes[scanned_];
    if (c == '\n') return HttpRefusal::malformed_line_end;
    if (c != '\r') return HttpRefusal::malformed_byte;
    if (scanned_ + 1 == end) break;  // its LF is still to come
    if (bytes[scanned_ + 1] != '\n') return HttpRefusal::malformed_line_end;
    const bool is_empty_line = scanned_ == line_start_;
    scanned_ += 2;
    line_start_ = scanned_;
    if (!is_empty_line) continue;
    if (scanned_ != begin_ + 2) return std::optional<std::size_t>(scanned_);
    begin_ = scanned_;
    if (begin_ > 2 * kHttpEmptyLinesMax) return HttpRefusal::malformed_request_line;
    return scan(bytes);
  }
  if (bytes.size() - begin_ >= head_bytes_max_) return HttpRefusal::head_too_large;
  return std::optional<std::size_t>();
}

std::optional<std::string_view> HttpRequest::find(std::string_view lowercase_name) const {
  for (const HttpField& field : fields) {
    if (equal_ignoring_case(field.name, lowercase_name)) return field.value;
  }
  return std::nullopt;
}

}  // namespace usher::wire
