// The keys that verify tokens. They come from two sources that change independently: files (SIGHUP)
// and the issuer's published key set.
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

// The parts of a verifier that come from files and the configuration.
struct VerifierParts {
  auth::JwtOptions options;
  std::vector<auth::Algorithm> allowed;  // jwt.algorithms
  auth::KeySet issuer_keys;
  auth::KeySet guest_keys;
  std::vector<std::string> skipped;  // a sentence for each unusable key of jwt.jwks_file
};

// Returns a verifier with the keys of `parts` and the issuer's `published` keys.
std::shared_ptr<const auth::JwtVerifier> make_verifier(const VerifierParts& parts,
                                                       const auth::KeySet& published = {});

class IssuerKeys {
 public:
  // Borrows `verifier` and `log`.
  IssuerKeys(VerifierParts files, Snapshot<auth::JwtVerifier>& verifier, Log& log)
      : verifier_(verifier), log_(log), files_(std::move(files)) {}

  void set_files(VerifierParts files);

  // Replaces the published keys with those of `jwk_set`, a JWK set from the issuer. Returns "" on
  // success; otherwise returns the reason, and nothing has changed. Keys of the set that cannot be
  // used are logged once.
  std::string take_published(std::string_view jwk_set);

 private:
  Snapshot<auth::JwtVerifier>& verifier_;
  Log& log_;
  std::mutex mutex_;
  VerifierParts files_;  // guarded by mutex_, as are all members below
  auth::KeySet published_;
  std::vector<std::string> skipped_;  // of the last published set
};

}  // namespace usher::issuer
