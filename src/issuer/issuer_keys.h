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

#include "auth/jwt_algorithm.h"
#include "auth/jwt_verifier.h"
#include "auth/key_set.h"
#include "base/log.h"
#include "base/snapshot.h"

namespace usher::issuer {

// What a verifier is made of, as far as files and the configuration say it.
struct VerifierParts {
  auth::JwtOptions options;
  std::vector<auth::Algorithm> allowed;  // jwt.algorithms
  auth::KeySet issuer_keys;
  auth::KeySet guest_keys;
  std::vector<std::string> skipped;  // a sentence for each key of jwt.jwks_file that can't be used
};

// With the issuer's `published` keys besides.
std::shared_ptr<const auth::JwtVerifier> make_verifier(const VerifierParts& parts,
                                                       const auth::KeySet& published = {});

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

}  // namespace usher::issuer
