// The values of header fields that are lists: elements between commas, with white space around them
// (RFC 9110 section 5.6.1).
//
// Threads: none. Plain functions.
#pragma once

#include <string_view>

#include "base/ascii.h"
#include "wire/http_message.h"

namespace usher::wire {

// Returns `text` without the spaces and tabs at its ends.
constexpr std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Calls `visit` with each part of `list` between separators, as it stands.
template <class Visit>
void for_each_part(std::string_view list, char separator, Visit visit) {
  for (;;) {
    const auto end = list.find(separator);
    visit(list.substr(0, end));
    if (end == std::string_view::npos) return;
    list.remove_prefix(end + 1);
  }
}

// Calls `visit` with each element of a comma list, empty ones too.
template <class Visit>
void for_each_element(std::string_view list, Visit visit) {
  for_each_part(list, ',', [&](std::string_view part) { visit(trimmed(part)); });
}

// The same for the lists in all fields of that name.
template <class Visit>
void for_each_element(const HttpRequest& request, std::string_view lowercase_name, Visit visit) {
  for (const HttpField& field : request.fields) {
    if (equal_ignoring_case(field.name, lowercase_name)) for_each_element(field.value, visit);
  }
}

}  // namespace usher::wire
