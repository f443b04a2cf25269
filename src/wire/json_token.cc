#include "wire/json_token.h"

#include <cstddef>

namespace usher::wire {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Passes over digits at `at`; false if there are none.
bool skip_digits(std::string_view token, std::size_t& at) {
  const std::size_t start = at;
  while (at < token.size() && is_digit(token[at])) ++at;
  return at > start;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The code unit of the `\uXXXX` at `at`, or -1.
int escaped_unit(std::string_view text, std::size_t at) {
  if (text.size() - at < 6 || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int unit = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

// The length of the escape whose backslash is at `at`; 0 if it is none. A surrogate pair is one
// escape.
std::size_t escape_size(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return 0;
  if (text[at + 1] != 'u') {
    return std::string_view("\"\\/bfnrt").find(text[at + 1]) == std::string_view::npos ? 0 : 2;
  }
  const int unit = escaped_unit(text, at);
  if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) return 0;
  if (unit < 0xD800 || unit > 0xDBFF) return 6;
  const int low = escaped_unit(text, at + 6);
  return low >= 0xDC00 && low <= 0xDFFF ? 12 : 0;
}

}  // namespace

bool is_json_number(std::string_view token) {
  std::size_t at = 0;
  if (at < token.size() && token[at] == '-') ++at;
  const std::size_t first = at;
  if (!skip_digits(token, at)) return false;
  if (token[first] == '0' && at > first + 1) return false;
  if (at < token.size() && token[at] == '.') {
    ++at;
    if (!skip_digits(token, at)) return false;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    if (!skip_digits(token, at)) return false;
  }
  return at == token.size();
}

std::optional<JsonString> read_json_string(std::string_view text) {
  // Most strings have no escape, and end at the first quote.
  const std::size_t quote = text.find('"', 1);
  if (quote == std::string_view::npos) return std::nullopt;
  const std::size_t backslash = text.substr(0, quote).find('\\');
  if (backslash == std::string_view::npos) return JsonString{text.substr(1, quote - 1), false};

  bool escaped = false;
  for (std::size_t at = backslash; at < text.size();) {
    if (text[at] == '"') return JsonString{text.substr(1, at - 1), escaped};
    if (text[at] != '\\') {
      ++at;
      continue;
    }
    const std::size_t size = escape_size(text, at);
    if (size == 0) return std::nullopt;
    escaped = true;
    at += size;
  }
  return std::nullopt;
}

}  // namespace usher::wire
