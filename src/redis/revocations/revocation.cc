#include "redis/revocations/revocation.h"

#include <charconv>

namespace usher::redis {
namespace {

constexpr std::string_view kLetters = "suji";  // in the order of By

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::string field_of(const Revocation& revocation) {
  return kLetters[static_cast<std::size_t>(revocation.by)] + revocation.name;
}

std::string value_of(const Revocation& revocation) {
  return std::to_string(revocation.until_ms) + " " + std::to_string(revocation.revoked_at_s);
}

std::string message_of(const Revocation& revocation) {
  return value_of(revocation) + " " + field_of(revocation);
}

std::optional<Revocation> decode_revocation(std::string_view field, std::string_view value) {
  const auto space = value.find(' ');
  if (field.size() < 2 || space == std::string_view::npos) return std::nullopt;
  const auto letter = kLetters.find(field.front());
  const auto until_ms = number(value.substr(0, space));
  const auto revoked_at_s = number(value.substr(space + 1));
  if (letter == std::string_view::npos || !until_ms || !revoked_at_s) return std::nullopt;
  return Revocation{static_cast<Revocation::By>(letter), std::string(field.substr(1)), *until_ms,
                    *revoked_at_s};
}

std::optional<Revocation> decode_revocation_message(std::string_view message) {
  const auto first = message.find(' ');
  const auto second = message.find(' ', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return decode_revocation(message.substr(second + 1), message.substr(0, second));
}

}  // namespace usher::redis
