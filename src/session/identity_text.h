// Session, user and token id of one connection, and when its token was issued and ends, in one
// block of memory: an idle connection costs little.
//
// Threads: none of its own.
// Limits: 255 bytes each, which is what tokens may hold (auth::kClaimBytesMax).
#pragma once

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

class IdentityText {
 public:
  IdentityText() = default;
  IdentityText(std::string_view session, std::string_view user, std::string_view jti,
               const TokenTimes& times = {})
      : text_(std::make_unique_for_overwrite<char[]>(session.size() + user.size() + jti.size() +
                                                     sizeof times)) {
    std::memcpy(text_.get(), &times, sizeof times);
    char* end = append(text_.get() + sizeof times, session, session_bytes_);
    end = append(end, user, user_bytes_);
    append(end, jti, jti_bytes_);
  }

  // Good while this object lives and is not assigned to.
  std::string_view session() const { return {start(), session_bytes_}; }
  std::string_view user() const { return {start() + session_bytes_, user_bytes_}; }
  std::string_view jti() const { return {start() + session_bytes_ + user_bytes_, jti_bytes_}; }
  TokenTimes times() const {
    TokenTimes found;
    if (text_ != nullptr) std::memcpy(static_cast<void*>(&found), text_.get(), sizeof found);
    return found;
  }

 private:
  const char* start() const {
    return text_ == nullptr ? nullptr : text_.get() + sizeof(TokenTimes);
  }
  static char* append(char* to, std::string_view text, std::uint8_t& bytes) {
    USHER_INVARIANT(text.size() <= UINT8_MAX);
    bytes = static_cast<std::uint8_t>(text.size());
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
  }

  std::unique_ptr<char[]> text_;
  std::uint8_t session_bytes_ = 0;
  std::uint8_t user_bytes_ = 0;
  std::uint8_t jti_bytes_ = 0;
};

}  // namespace usher::session
