#include "base/log.h"

#include <array>

#include "base/check.h"

namespace usher {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_escaped(std::string& out, std::string_view value, char quote, std::string_view escape,
                    std::size_t bytes_max = kLogValueBytesMax) {
  const std::string_view kept = value.substr(0, bytes_max);
  out.push_back(quote);
  for (const char c : kept) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      if (c == quote || c == '\\') out.push_back('\\');
      out.push_back(c);
    } else {
      out.append(escape);
      out.push_back(kHexDigits[byte >> 4]);
      out.push_back(kHexDigits[byte & 15]);
    }
  }
  if (kept.size() < value.size()) out.append("...");
  out.push_back(quote);
}

std::size_t bytes_max_of(const LogField& field) {
  return field.is_whole ? std::string_view::npos : kLogValueBytesMax;
}

void append_scalar(std::string& out, const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) out += std::to_string(*number);
  if (const auto* truth = std::get_if<bool>(&field.value)) out += *truth ? "true" : "false";
}

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  USHER_CHECK(false);
}

std::string format_log_text(std::string_view message, std::span<const LogField> fields) {
  std::string line(message);
  const char* separator = " { ";
  for (const LogField& field : fields) {
    line.append(separator).append(field.key).append(": ");
    separator = ", ";
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
      append_escaped(line, *text, '\'', "\\x", bytes_max_of(field));
    } else {
      append_scalar(line, field);
    }
  }
  if (!fields.empty()) line += " }";
  return line;
}

std::string format_log_json(std::string_view message, std::span<const LogField> fields) {
  std::string line = "\"message\":";
  append_escaped(line, message, '"', "\\u00");
  for (const LogField& field : fields) {
    line.append(",\"").append(field.key).append("\":");
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
      append_escaped(line, *text, '"', "\\u00", bytes_max_of(field));
    } else {
      append_scalar(line, field);
    }
  }
  return line;
}

}  // namespace usher
