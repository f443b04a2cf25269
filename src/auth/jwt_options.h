// The requirements on the tokens of one issuer, and their limits.
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

// Claims are named by paths (claim_path.h).
struct JwtOptions {
  std::optional<std::string> issuer{};  // empty: any, or none
  std::vector<std::string> audience{};  // any of them; empty: any, or none
  std::string audience_claim = "aud";
  std::string typ{};  // of the header, as `at+jwt`; empty: JWT, at+jwt or none
  // The first of these that the token has names the session, or else `sid`.
  std::vector<std::string> session_claim{"sessionId"};
  std::string user_claim = "sub";
  std::string channels_claim = "channels";
  std::string info_claim = "info";
  std::string user_prefix{};  // put before session and user, so that no two issuers share a name
  // What sessions and users may not begin with: longer prefixes, of other issuers.
  std::vector<std::string> foreign_prefixes{};
  std::chrono::seconds leeway{30};  // on `exp`, `nbf` and `iat`
  // The issuer may end sessions with messages for one of these `aud`; empty: it may not.
  std::vector<std::string> logout_audience{};
  bool logout_by_user = false;  // a logout token with `sid` and `sub` ends all sessions of the user
  // The issuer publishes its keys and may have newer ones. A token that a newer key could verify is
  // refused with `unknown_key`.
  bool may_have_newer_keys = false;
  std::size_t channels_per_token = 128;  // of the channels claim
  std::size_t info_bytes = 1024;         // of the info claim, as JSON text
  // Names of claims that the bearer's ticket carries besides, as they stand in the token.
  std::vector<std::string> claims{};
};

}  // namespace usher::auth
