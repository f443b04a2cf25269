// Verifies a token; where a newer key of its issuer may make it good, the issuer is asked first.
//
// A 401 would be final for the client, and its issuer may just have begun to use a new key.
//
// Threads: the shard's. Borrows: the NewerKeys, until `done` was called.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "auth/claims.h"
#include "auth/jwt_error.h"
#include "base/result.h"
#include "issuer/newer_keys.h"

namespace usher::issuer {

struct TokenFault {
  auth::TokenError error;
  // A newer key might make the token good, and that can't be known before so long: not a final no.
  std::optional<Duration> unknown_for = {};
};

using CheckedToken = Result<auth::Claims, TokenFault>;

// `verify(token)` returns Result<auth::Claims, auth::TokenError>; it may be called twice. Calls
// `done(CheckedToken)` once, inline or later, or never when the node stops. Null: all keys are from
// files.
template <class Verify, class Done>
void check_token(NewerKeys* newer, std::string_view token, Verify verify, Done done) {
  auto claims = verify(token);
  if (claims) return done(CheckedToken(std::move(*claims)));
  if (newer == nullptr || !newer->may_help(claims.error())) {
    return done(CheckedToken(TokenFault{claims.error()}));
  }
  newer->ask([newer, token = std::string(token), verify = std::move(verify),
              done = std::move(done)](KeyNews news) mutable {
    auto again = verify(token);
    if (again) return done(CheckedToken(std::move(*again)));
    TokenFault fault{again.error()};
    if (!news.looked && newer->may_help(fault.error)) fault.unknown_for = news.wait;
    done(CheckedToken(fault));
  });
}

}  // namespace usher::issuer
