// A revocation, as gateways send it to each other and as Redis keeps it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/wall_clock.h"

namespace usher::redis {

struct Revocation {
  enum class By : std::uint8_t { session, user, jti, sid };

  By by = By::session;
  std::string name;
  std::int64_t until_ms = 0;      // Unix time
  std::int64_t revoked_at_s = 0;  // Unix time; a user's later tokens are valid
  friend bool operator==(const Revocation&, const Revocation&) = default;

  // Returns the last moment of that second. So no gateway accepts a token that the revoking gateway
  // refuses.
  WallTime revoked_at() const {
    return WallTime(std::chrono::seconds(revoked_at_s) + std::chrono::milliseconds(999));
  }
};

// Older gateways ignore one by `sid`: they know no connection's.
//
// An entry of the hash of all revocations: the field names the session, user or token; the value
// holds both times.
std::string field_of(const Revocation& revocation);
std::string value_of(const Revocation& revocation);

// Returns `nullopt` unless field and value are exactly such a pair.
std::optional<Revocation> decode_revocation(std::string_view field, std::string_view value);

// A message: the value, a space and the field.
std::string message_of(const Revocation& revocation);
std::optional<Revocation> decode_revocation_message(std::string_view message);

}  // namespace usher::redis
