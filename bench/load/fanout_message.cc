#include "bench/load/fanout_message.h"

#include <algorithm>
#include <charconv>

namespace usher::bench {
namespace {

constexpr std::string_view kMark = "\"#";
constexpr std::size_t kDigits = 8;

}  // namespace

std::string make_message(std::size_t number, std::size_t bytes) {
  const std::string digits = std::to_string(number);
  std::string message(kMark);
  message.append(kDigits - std::min(digits.size(), kDigits), '0').append(digits);
  message.append(std::max(bytes, kMessageBytesMin) - 1 - message.size(), 'x');
  return message + '"';
}

std::optional<std::size_t> read_message_number(std::string_view payload) {
  const auto mark = payload.find(kMark);
  if (mark == std::string_view::npos || payload.size() < mark + kMark.size() + kDigits) {
    return std::nullopt;
  }
  const char* const first = payload.data() + mark + kMark.size();
  std::size_t number = 0;
  const auto parsed = std::from_chars(first, first + kDigits, number);
  if (parsed.ec != std::errc() || parsed.ptr != first + kDigits) return std::nullopt;
  return number;
}

}  // namespace usher::bench
