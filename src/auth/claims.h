// What a verified token says about its bearer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
  // Raw JSON of any type, on one line, that other clients are shown as `conn_info`; empty: none.
  std::string info{};
  // The session at the OpenID provider, with the issuer whose name space it is in: session_at().
  // Empty: the token has no `sid`.
  std::string sid{};
  std::string claims{};  // those of JwtOptions::claims: a JSON object; empty: none
  friend bool operator==(const Claims&, const Claims&) = default;
};

// Returns what Claims::sid holds for a token of `issuer` (its `iss`, or "") with this `sid`.
inline std::string session_at(std::string_view issuer, std::string_view sid) {
  return std::string(issuer) + '\n' + std::string(sid);
}

}  // namespace usher::auth
