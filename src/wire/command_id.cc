#include "wire/command_id.h"

#include <charconv>
#include <cstddef>

namespace usher::wire {
namespace {

std::size_t skip_space(std::string_view text, std::size_t at) {
  const std::size_t next = text.find_first_not_of(" \t\r", at);
  return next == std::string_view::npos ? text.size() : next;
}

// The index behind the string that opens at `at`; the text's end if it does not close.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

// The number behind the colon at or after `at`, if a member ends right behind it.
std::uint32_t id_behind(std::string_view line, std::size_t at) {
  at = skip_space(line, at);
  if (at >= line.size() || line[at] != ':') return 0;
  at = skip_space(line, at + 1);
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(line.data() + at, line.data() + line.size(), id);
  if (error != std::errc()) return 0;
  at = skip_space(line, static_cast<std::size_t>(end - line.data()));
  return at < line.size() && (line[at] == ',' || line[at] == '}') ? id : 0;
}

}  // namespace

std::uint32_t find_command_id(std::string_view line) {
  const std::size_t start = skip_space(line, 0);
  if (start == line.size() || line[start] != '{') return 0;
  std::uint32_t found = 0;
  int depth = 0;
  for (std::size_t at = start; at < line.size();) {
    const char c = line[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') {
      ++at;
      continue;
    }
    const std::size_t end = skip_string(line, at);
    if (depth == 1 && line.substr(at, end - at) == "\"id\"") {
      const std::uint32_t id = id_behind(line, end);
      if (id != 0 && found != 0) return 0;
      if (id != 0) found = id;
    }
    at = end;
  }
  return found;
}

}  // namespace usher::wire
