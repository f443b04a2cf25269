// The grammar of single JSON tokens (RFC 8259 sections 6 and 7), on their raw bytes.
//
// Threads: none. Plain functions.
#pragma once

#include <optional>
#include <string_view>

namespace usher::wire {

// Returns true if all of `token` is a number, of any size: no leading zeros, no bare `-`, `.5` or
// `1.`.
bool is_json_number(std::string_view token);

struct JsonString {
  std::string_view contents;  // between the quotes, still escaped
  bool escaped = false;       // there is a backslash in it
};

// Reads the string that begins with the quote at `text[0]`, up to its closing quote. Returns
// nullopt if there is no closing quote, or if an escape is not one of RFC 8259's or names half of a
// surrogate pair. Controls and UTF-8 are not checked.
std::optional<JsonString> read_json_string(std::string_view text);

}  // namespace usher::wire
