// Asks a token's issuer for newer keys when the token names an unknown key.
//
// ShardKeys (issuer/key_sources.h) implements it for issuers with a jwks_url.
//
// Threads: one for each shard, used on that shard's thread only.
#pragma once

#include <string_view>

#include "auth/jwt_error.h"
#include "base/clock.h"
#include "base/unique_function.h"

namespace usher::issuer {

struct KeyNews {
  // The verifier has the keys that the issuer published after ask() was called. A token that still
  // names no known key is refused for good.
  bool looked = false;

  // If `looked` is false: how long to wait before asking again. The issuer could not be asked, was
  // asked too recently, or gave an answer that may be older than the call of ask().
  Duration wait{};
};

class NewerKeys {
 public:
  virtual ~NewerKeys() = default;

  // Calls `done` once, inline or later; never if the node stops. Asks the issuer of that name, and
  // it alone, at most once per interval, however often it is called. An issuer that publishes no
  // keys has no newer ones.
  virtual void ask(std::string_view issuer, UniqueFunction<void(KeyNews)> done) = 0;

  // Returns true if no key of the issuer has arrived yet. Then each of its tokens looks forged.
  virtual bool are_missing(std::string_view issuer) const = 0;

  // Returns true if a newer key of the issuer may make the token valid.
  bool may_help(std::string_view issuer, auth::TokenError error) const {
    return error == auth::TokenError::unknown_key ||
           ((error == auth::TokenError::algorithm || error == auth::TokenError::signature) &&
            are_missing(issuer));
  }
};

}  // namespace usher::issuer
