// The keys that tokens are verified with, from two places that change apart: files (SIGHUP) and the
// issuer's published key set.
//
// Threads: shared.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "apps/keys.h"
#include "base/log.h"
#include "base/snapshot.h"

namespace usher::apps {

// Fetched here and now, for `usher checktoken`: no keys without a jwt.jwks_url. Throws
// KeyFileError.
auth::KeySet fetch_published_keys(const Config& config, const VerifierParts& parts);

class IssuerKeys {
 public:
  // Borrows both.
  IssuerKeys(VerifierParts files, Snapshot<auth::JwtVerifier>& verifier, Log& log)
      : verifier_(verifier), log_(log), files_(std::move(files)) {}

  void set_files(VerifierParts files);

  // A JWK set as the issuer publishes it. Gives back why it can't be used, and then nothing has
  // changed; "" if it is used now. Keys in it that can't be used are said in the log, once.
  std::string take_published(std::string_view jwk_set);

 private:
  Snapshot<auth::JwtVerifier>& verifier_;
  Log& log_;
  std::mutex mutex_;
  VerifierParts files_;  // guarded by mutex_, as all below
  auth::KeySet published_;
  std::vector<std::string> skipped_;  // of the last one
};

}  // namespace usher::apps
