// Session, user and token id of one connection, in one block of memory: an idle connection costs
// little.
//
// Threads: none of its own.
// Limits: 255 bytes each, which is what tokens may hold (auth::kClaimBytesMax).
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/check.h"

namespace usher::session {

class IdentityText {
 public:
  IdentityText() = default;
  IdentityText(std::string_view session, std::string_view user, std::string_view jti)
      : text_(std::make_unique_for_overwrite<char[]>(session.size() + user.size() + jti.size())) {
    char* end = append(text_.get(), session, session_bytes_);
    end = append(end, user, user_bytes_);
    append(end, jti, jti_bytes_);
  }

  // Good while this object lives and is not assigned to.
  std::string_view session() const { return {text_.get(), session_bytes_}; }
  std::string_view user() const { return {text_.get() + session_bytes_, user_bytes_}; }
  std::string_view jti() const { return {text_.get() + session_bytes_ + user_bytes_, jti_bytes_}; }

 private:
  static char* append(char* to, std::string_view text, std::uint8_t& bytes) {
    USHER_CHECK(text.size() <= UINT8_MAX);
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
