// Verifies a token. If a newer key of the issuer may make the token valid, the issuer is asked
// before the token is refused: a 401 is final for the client, and the issuer may just have begun to
// use a new key.
//
// Threads: the shard's.
// Borrows: the NewerKeys, until `done` has been called.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "auth/claims.h"
#include "auth/issuer_table.h"
#include "auth/jwt_error.h"
#include "base/result.h"
#include "issuer/newer_keys.h"

namespace usher::issuer {

struct TokenFault {
  auth::TokenError error;
  // If set, the refusal is not final: a newer key may make the token valid, and the issuer can be
  // asked again after this time.
  std::optional<Duration> unknown_for = {};
};

using CheckedToken = Result<auth::Claims, TokenFault>;

// `verify(token)` returns Result<T, auth::TokenError> and may be called twice. Calls
// `done(Result<T, TokenFault>)` once, inline or later; never if the node stops. `newer` is null if
// all keys come from files. The issuer that is asked is the one that the token names.
template <class Verify, class Done>
void check_token(NewerKeys* newer, std::string_view token, Verify verify, Done done) {
  auto checked = verify(token);
  using Checked = Result<std::remove_reference_t<decltype(*checked)>, TokenFault>;
  if (checked) return done(Checked(std::move(*checked)));
  const TokenFault final{checked.error()};
  if (newer == nullptr) return done(Checked(final));
  const std::string issuer = auth::unverified_issuer(token);
  if (!newer->may_help(issuer, final.error)) return done(Checked(final));
  newer->ask(issuer, [newer, issuer, token = std::string(token), verify = std::move(verify),
                      done = std::move(done)](KeyNews news) mutable {
    auto again = verify(token);
    if (again) return done(Checked(std::move(*again)));
    TokenFault fault{again.error()};
    if (!news.looked && newer->may_help(issuer, fault.error)) fault.unknown_for = news.wait;
    done(Checked(fault));
  });
}

}  // namespace usher::issuer
