// What a verified token says about its bearer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace usher::auth {

struct Claims {
  std::string session{};                // never empty
  std::string user{};                   // empty: not logged in
  std::string jti{};                    // empty: none
  std::optional<std::int64_t> iat{};    // Unix seconds; empty: none, or not credible
  std::int64_t exp = 0;                 // Unix seconds
  std::vector<std::string> channels{};  // exact names and `prefix*` patterns
  bool guest = false;                   // minted by our own /auth/token
  std::optional<std::int64_t> born{};   // guests only: when the session began, Unix seconds
  std::string claims{};                 // those of JwtOptions::claims: a JSON object; empty: none
  friend bool operator==(const Claims&, const Claims&) = default;
};

}  // namespace usher::auth
