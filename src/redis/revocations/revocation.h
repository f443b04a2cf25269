// A revocation on its way between gateways, and as Redis keeps it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/wall_clock.h"

namespace usher::redis {

struct Revocation {
  enum class By : std::uint8_t { session, user, jti };

  By by = By::session;
  std::string name;
  std::int64_t until_ms = 0;      // Unix time
  std::int64_t revoked_at_s = 0;  // likewise: a user's later tokens are good
  friend bool operator==(const Revocation&, const Revocation&) = default;

  // The last moment at which it may have been revoked: no gateway refuses less than the one that
  // was asked.
  WallTime revoked_at() const {
    return WallTime(std::chrono::seconds(revoked_at_s) + std::chrono::milliseconds(999));
  }
};

// In the hash of all: the field says who, the value until and since when.
std::string field_of(const Revocation& revocation);
std::string value_of(const Revocation& revocation);

// Nothing for what is not exactly such a pair.
std::optional<Revocation> decode_revocation(std::string_view field, std::string_view value);

// As a message: the value, a space and the field.
std::string message_of(const Revocation& revocation);
std::optional<Revocation> decode_revocation_message(std::string_view message);

}  // namespace usher::redis
