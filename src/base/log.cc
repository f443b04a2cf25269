#include "base/log.h"

#include "base/check.h"
#include "base/log_hashes.h"

namespace usher {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_plain(char c, char quote) { return c >= 0x20 && c < 0x7f && c != quote && c != '\\'; }

void append_escaped(std::string& out, std::string_view value, char quote, std::string_view escape,
                    std::size_t bytes_max) {
  const std::string_view kept = value.substr(0, bytes_max);
  out.push_back(quote);
  for (std::size_t at = 0; at < kept.size();) {
    const std::size_t begin = at;
    while (at < kept.size() && is_plain(kept[at], quote)) ++at;
    out.append(kept, begin, at - begin);
    if (at == kept.size()) break;
    const char c = kept[at++];
    if (c == quote || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append(escape);
      out.push_back(kHexDigits[byte >> 4]);
      out.push_back(kHexDigits[byte & 15]);
    }
  }
  if (kept.size() < value.size()) out.append("...");
  out.push_back(quote);
}

void append_text(std::string& out, std::string_view text, LogField::Form form, char quote,
                 std::string_view escape) {
  switch (form) {
    case LogField::Form::cut:
      return append_escaped(out, text, quote, escape, kLogValueBytesMax);
    case LogField::Form::whole:
      return append_escaped(out, text, quote, escape, std::string_view::npos);
    case LogField::Form::hash:
      out.push_back(quote);
      out.append(log_hash(text));
      out.push_back(quote);
      return;
  }
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

std::string log_hash(std::string_view text) {
  thread_local LogHashes hashes;
  return std::string(hashes.of(text));
}

void append_log_text(std::string& line, std::string_view message,
                     std::span<const LogField> fields) {
  line.append(message);
  const char* separator = " { ";
  for (const LogField& field : fields) {
    line.append(separator).append(field.key).append(": ");
    separator = ", ";
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
      append_text(line, *text, field.form, '\'', "\\x");
    } else {
      append_scalar(line, field);
    }
  }
  if (!fields.empty()) line += " }";
}

void append_log_json(std::string& line, std::string_view message,
                     std::span<const LogField> fields) {
  line.append("\"message\":");
  append_text(line, message, LogField::Form::cut, '"', "\\u00");
  for (const LogField& field : fields) {
    line.append(",\"").append(field.key).append("\":");
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
      append_text(line, *text, field.form, '"', "\\u00");
    } else {
      append_scalar(line, field);
    }
  }
}

std::string format_log_text(std::string_view message, std::span<const LogField> fields) {
  std::string line;
  append_log_text(line, message, fields);
  return line;
}

std::string format_log_json(std::string_view message, std::span<const LogField> fields) {
  std::string line;
  append_log_json(line, message, fields);
  return line;
}

}  // namespace usher
