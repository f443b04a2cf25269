#include "wire/utf8.h"

#include <cstring>

namespace usher::wire {
namespace {

const char* skip_ascii(const char* at, const char* end) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  while (end - at >= 8) {
    std::uint64_t eight;
    std::memcpy(&eight, at, sizeof eight);
    if ((eight & kHighBits) != 0) break;
    at += 8;
  }
  while (at != end && static_cast<signed char>(*at) >= 0) ++at;
  return at;
}

}  // namespace

// The rows of RFC 3629's UTF8-octets: only the byte after the first ever has a narrower range.
inline bool Utf8Validator::feed_byte(std::uint8_t byte) {
  if (missing_ > 0) {
    if (byte < next_min_ || byte > next_max_) return false;
    --missing_;
    next_min_ = 0x80;
    next_max_ = 0xBF;
    return true;
  }
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) next_min_ = 0xA0;  // below: overlong
  if (byte == 0xED) next_max_ = 0x9F;  // above: surrogates
  if (byte == 0xF0) next_min_ = 0x90;  // below: overlong
  if (byte == 0xF4) next_max_ = 0x8F;  // above: beyond U+10FFFF
  return true;
}

bool Utf8Validator::feed(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  Utf8Validator state =
      *this;  // in registers: text might point at *this, for all the compiler knows
  while (at != end) {
    if (state.missing_ == 0) {
      at = skip_ascii(at, end);
      if (at == end) break;
    }
    if (!state.feed_byte(static_cast<std::uint8_t>(*at++))) return false;
  }
  *this = state;
  return true;
}

bool is_valid_utf8(std::string_view text) {
  Utf8Validator validator;
  return validator.feed(text) && validator.complete();
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace usher::wire
