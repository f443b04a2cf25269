#include "wire/form.h"

#include <algorithm>

#include "wire/utf8.h"

namespace usher::wire {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  if (decoded.find('\0') != std::string::npos || !is_valid_utf8(decoded)) return std::nullopt;
  return decoded;
}

}  // namespace

std::optional<FormFields> read_form(std::string_view text, std::size_t fields_max) {
  FormFields fields;
  while (!text.empty()) {
    const std::string_view field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), field.size() + 1));
    if (field.empty()) continue;
    if (fields.size() == fields_max) return std::nullopt;
    const auto equals = field.find('=');
    auto name = decode(field.substr(0, equals));
    auto value =
        decode(equals == std::string_view::npos ? std::string_view() : field.substr(equals + 1));
    if (!name || !value) return std::nullopt;
    fields.emplace_back(std::move(*name), std::move(*value));
  }
  return fields;
}

std::optional<std::string_view> only_field(const FormFields& fields, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& [each, value] : fields) {
    if (each != name) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

}  // namespace usher::wire
