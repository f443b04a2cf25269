// The requirements on a token's claims, and their limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher::auth {

inline constexpr std::size_t kClaimBytesMax = 255;  // session, user, jti, each channel

// `iss` of the tokens that usher signs for guests.
inline constexpr std::string_view kGuestIssuer = "usher";

struct JwtOptions {
  std::optional<std::string> issuer{};    // empty: any, or none
  std::optional<std::string> audience{};  // empty: any, or none
  std::string session_claim = "sessionId";
  std::string user_claim = "sub";
  std::string info_claim = "info";
  std::chrono::seconds leeway{30};  // on `exp`, `nbf` and `iat`
  // The issuer publishes its keys and may have newer ones. A token that a newer key could verify is
  // refused with `unknown_key`.
  bool may_have_newer_keys = false;
  std::size_t channels_per_token = 128;  // of the `channels` claim
  std::size_t info_bytes = 1024;         // of the info claim, as JSON text
  // Names of claims that the bearer's ticket carries besides, as they stand in the token.
  std::vector<std::string> claims{};
};

}  // namespace usher::auth
