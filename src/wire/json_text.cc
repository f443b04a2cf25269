#include "wire/json_text.h"

#include <cstddef>

namespace usher::wire {

std::string_view single_line(std::string_view raw, std::string& scratch) {
  const bool has_line_end =
      raw.find('\n') != std::string_view::npos || raw.find('\r') != std::string_view::npos;
  if (!has_line_end) return raw;
  scratch.clear();
  append_single_line(scratch, raw);
  return scratch;
}

void append_single_line(std::string& out, std::string_view raw) {
  const std::size_t start = out.size();
  out.append(raw);
  for (auto at = out.begin() + static_cast<std::ptrdiff_t>(start); at != out.end(); ++at) {
    if (*at == '\r' || *at == '\n') *at = ' ';
  }
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) {
          out += c;
        } else {
          out += "\\u00";
          out += kHex[static_cast<unsigned char>(c) >> 4];
          out += kHex[static_cast<unsigned char>(c) & 15];
        }
    }
  }
  out += '"';
}

}  // namespace usher::wire
