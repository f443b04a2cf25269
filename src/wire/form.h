// Reads application/x-www-form-urlencoded: the body of a form, and the query of a URL (WHATWG URL
// standard, section 5.1; OAuth 2.0, RFC 6749 appendix B).
//
// Unlike a browser's reader, this one refuses text that it would have to guess about: a broken
// escape, and values that are no UTF-8 or hold a NUL.
//
// Threads: none. Plain functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::wire {

// Names and values in their order, decoded.
using FormFields = std::vector<std::pair<std::string, std::string>>;

// Returns `nullopt` if `text` has more than `fields_max` fields, a `%` without two hex digits, or a
// name or value that is not UTF-8 or holds a NUL. Empty fields (`a=1&&b=2`) are skipped.
std::optional<FormFields> read_form(std::string_view text, std::size_t fields_max);

// Returns the value of the only field of that name; `nullopt` if there is none, or more than one.
std::optional<std::string_view> only_field(const FormFields& fields, std::string_view name);

}  // namespace usher::wire
