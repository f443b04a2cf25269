// HTTP/1.1 messages as plain values (RFC 9110, RFC 9112). http_parser.h reads them, http_response.h
// writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::wire {

struct HttpField {
  std::string_view name;   // as received; names are compared without regard to case
  std::string_view value;  // without the white space around it
};

// A request that http_rules.h has found unambiguous. All views point into the parsed buffer, and
// are valid until that buffer changes.
struct HttpRequest {
  std::string_view method;
  // "/path?query", "?query", "", or "*" (HttpTarget::local). The authority of an absolute target
  // replaces the value of Host (RFC 9112 section 3.2.2).
  std::string_view target;
  std::vector<HttpField> fields;
  std::string_view body;
  int minor_version = 1;   // 0, or 1 for all later ones
  bool keep_alive = true;  // as the peer asked

  // The part of the target before '?' ("/" if it is empty), and the part after it ("" without '?').
  // Not percent-decoded.
  std::string_view path() const {
    const std::string_view path = target.substr(0, target.find('?'));
    return path.empty() ? "/" : path;
  }
  std::string_view query() const {
    const auto mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  }

  // Returns the value of the first field of that name. Requires: the name is lowercase. Defined in
  // http_rules.cc.
  std::optional<std::string_view> find(std::string_view lowercase_name) const;
};

struct HttpResponse {
  int status = 200;
  // Without Content-Length, Connection and Date.
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  bool close = false;  // end the connection after this answer

  void set(std::string name, std::string value) {
    fields.emplace_back(std::move(name), std::move(value));
  }
};

}  // namespace usher::wire
