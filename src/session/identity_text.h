// Session, user and token id of one connection, when its token was issued and ends, and its Origin
// and address, in one block of memory: an idle connection costs little.
//
// Threads: none of its own.
// Limits: 255 bytes each for session, user and token id, as many as tokens may hold
// (auth::kClaimBytesMax), and for the address; 2^30 - 1 for the Origin; times from 1970 to the year
// 36,811, others count as the nearest one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "base/check.h"

namespace usher::session {

struct TokenTimes {
  std::optional<std::int64_t> iat;  // Unix seconds
  std::int64_t exp = 0;             // likewise
};

// Facts of the upgrade, which stay the same while the connection lasts.
struct CameFrom {
  std::optional<std::string_view> origin;
  std::string_view address_key;  // limits::PackedAddressKey
};

class IdentityText {
 public:
  IdentityText() = default;
  explicit IdentityText(const CameFrom& from) : IdentityText({}, {}, {}, {}, from) {}
  IdentityText(std::string_view session, std::string_view user, std::string_view jti,
               const TokenTimes& times = {}, const CameFrom& from = {})
      : session_bytes_(byte_count(session)),
        user_bytes_(byte_count(user)),
        jti_bytes_(byte_count(jti)),
        address_bytes_(byte_count(from.address_key)),
        has_iat_(times.iat.has_value()),
        has_origin_(from.origin.has_value()) {
    const std::string_view origin = from.origin.value_or(std::string_view());
    USHER_INVARIANT(origin.size() <= kOriginBytesMax);
    origin_bytes_ = static_cast<std::uint32_t>(origin.size()) & kOriginBytesMax;
    text_ = std::make_unique_for_overwrite<char[]>(times_bytes() + session.size() + user.size() +
                                                   jti.size() + from.address_key.size() +
                                                   origin.size());
    char* end = text_.get();
    if (times.iat) end = append(end, *times.iat);
    if (!jti.empty()) end = append(end, times.exp);
    for (const std::string_view text : {session, user, jti, from.address_key, origin}) {
      end = append(end, text);
    }
  }

  // Valid while this object lives and is not assigned to.
  std::string_view session() const { return {start(), session_bytes_}; }
  std::string_view user() const { return {start() + session_bytes_, user_bytes_}; }
  std::string_view jti() const { return {start() + session_bytes_ + user_bytes_, jti_bytes_}; }
  CameFrom from() const {
    const std::string_view address(jti().data() + jti_bytes_, address_bytes_);
    if (!has_origin_) return {std::nullopt, address};
    return {std::string_view(address.data() + address_bytes_, origin_bytes_), address};
  }

  std::optional<std::int64_t> iat() const {
    return has_iat_ ? std::optional(time_at(text_.get())) : std::nullopt;
  }
  // Returns 0 without a token id: then the end of the earlier token is never needed.
  std::int64_t exp() const {
    return jti_bytes_ == 0 ? 0 : time_at(text_.get() + (has_iat_ ? kTimeBytes : 0));
  }

 private:
  static constexpr std::size_t kTimeBytes = 5;  // the lower four, and the highest
  static constexpr std::uint32_t kOriginBytesMax = (1u << 30) - 1;

  std::size_t times_bytes() const {
    return (has_iat_ ? kTimeBytes : 0) + (jti_bytes_ > 0 ? kTimeBytes : 0);
  }
  const char* start() const { return text_ == nullptr ? nullptr : text_.get() + times_bytes(); }

  static std::uint8_t byte_count(std::string_view text) {
    USHER_INVARIANT(text.size() <= UINT8_MAX);
    return static_cast<std::uint8_t>(text.size());
  }
  static char* append(char* to, std::string_view text) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    return to + text.size();
  }
  static char* append(char* to, std::int64_t time) {
    constexpr std::int64_t kTimeMax = (std::int64_t{1} << 8 * kTimeBytes) - 1;
    const std::int64_t kept = std::clamp<std::int64_t>(time, 0, kTimeMax);
    const auto low = static_cast<std::uint32_t>(kept);
    std::memcpy(to, &low, sizeof low);
    to[sizeof low] = static_cast<char>(kept >> 32);
    return to + kTimeBytes;
  }
  static std::int64_t time_at(const char* from) {
    std::uint32_t low;
    std::memcpy(&low, from, sizeof low);
    return std::int64_t{static_cast<unsigned char>(from[sizeof low])} << 32 | low;
  }

  std::unique_ptr<char[]> text_;  // iat, exp, session, user, jti, address, origin
  std::uint8_t session_bytes_ = 0;
  std::uint8_t user_bytes_ = 0;
  std::uint8_t jti_bytes_ = 0;
  std::uint8_t address_bytes_ = 0;
  std::uint32_t origin_bytes_ : 30 = 0;
  std::uint32_t has_iat_ : 1 = 0;
  std::uint32_t has_origin_ : 1 = 0;
};
static_assert(sizeof(IdentityText) <= 16);

}  // namespace usher::session
