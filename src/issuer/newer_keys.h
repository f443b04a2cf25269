// For a token that names a key which is not there: perhaps its issuer has a new one.
//
// Implemented in issuer/key_source.h, for jwt.jwks_url.
//
// Threads: one for each shard, used on that shard's thread only.
#pragma once

#include "auth/jwt_error.h"
#include "base/clock.h"
#include "base/unique_function.h"

namespace usher::issuer {

struct KeyNews {
  // The verifier knows what the issuer has published, asked after the question was put. A token
  // that still names no known key is refused for good.
  bool looked = false;

  // Else: ask again no sooner. The issuer could not be asked, has been asked so recently that it
  // may not be asked yet, or its answer may be older than the question.
  Duration wait{};
};

class NewerKeys {
 public:
  virtual ~NewerKeys() = default;

  // Calls `done` once, inline or later; or never, when the node stops. Asks the issuer at most once
  // an interval, however often it is called.
  virtual void ask(UniqueFunction<void(KeyNews)> done) = 0;

  // No key of the issuer has ever come: then any of its tokens looks forged.
  virtual bool are_missing() const = 0;

  // May a newer key make the token good?
  bool may_help(auth::TokenError error) const {
    return error == auth::TokenError::unknown_key ||
           ((error == auth::TokenError::algorithm || error == auth::TokenError::signature) &&
            are_missing());
  }
};

}  // namespace usher::issuer
