// For a token that names a key which is not there: perhaps its issuer has a new one.
//
// Implemented in net/key_source.h, for jwt.jwks_url.
//
// Threads: one for each shard, used on that shard's thread only.
#pragma once

#include <cstdint>

#include "auth/jwt_error.h"
#include "base/unique_function.h"

namespace usher::gateway {

enum class KeyNews : std::uint8_t {
  looked,       // the verifier knows what the issuer has published
  unavailable,  // the issuer could not be asked, or too many wait for the answer
};

class NewerKeys {
 public:
  virtual ~NewerKeys() = default;

  // Calls `done` once, inline or later; or never, when the node stops. Asks the issuer at most once
  // an interval, however often it is called.
  virtual void ask(UniqueFunction<void(KeyNews)> done) = 0;

  // No key of the issuer has ever come.
  virtual bool are_missing() const = 0;

  // May a newer key make the token good?
  bool may_help(auth::TokenError error) const {
    return error == auth::TokenError::unknown_key ||
           (error == auth::TokenError::algorithm && are_missing());
  }
};

}  // namespace usher::gateway
