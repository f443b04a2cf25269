// The keys that verify tokens. They come from two sources that change independently: files and
// configuration, and the key sets that issuers publish.
//
// Threads: shared.
#pragma once

#include <map>
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

// What files and the configuration say of one issuer.
struct IssuerParts {
  std::string name;                      // for the operator: `jwt`, or `jwt.issuers 'its iss'`
  auth::JwtOptions options;              // `issuer` is set, but for a single issuer from files
  std::vector<auth::Algorithm> allowed;  // `algorithms`
  auth::KeySet keys;
  std::string jwks_url;              // "": it publishes no keys
  std::vector<std::string> skipped;  // a sentence for each unusable key of its jwks_file

  // The names of its key sets, for the operator: that of its URL, and that of its file.
  std::string source_name() const { return name == "jwt" ? "jwt.jwks_url" : name; }
  std::string file_name() const { return name == "jwt" ? "jwt.jwks_file" : name; }
};

// The parts of a verifier that come from files and the configuration.
struct VerifierParts {
  std::vector<IssuerParts> issuers;
  auth::KeySet guest_keys;
  auth::JwtOptions guest_options;  // of guests' tokens beside several issuers
};

// Key sets by the name of the issuer that has published them.
using PublishedKeys = std::map<std::string, auth::KeySet, std::less<>>;

// Returns a verifier with the keys of `parts` and the `published` keys.
std::shared_ptr<const auth::JwtVerifier> make_verifier(const VerifierParts& parts,
                                                       const PublishedKeys& published = {});

class IssuerKeys {
 public:
  // Borrows `verifier` and `log`.
  IssuerKeys(VerifierParts files, Snapshot<auth::JwtVerifier>& verifier, Log& log)
      : verifier_(verifier), log_(log), files_(std::move(files)) {}

  // Published keys stay where issuer and URL stay.
  void set_files(VerifierParts files);

  // Replaces the published keys of `issuer` with those of `jwk_set`, a JWK set from `url`. Returns
  // "" on success; otherwise returns the reason, and nothing has changed. Keys of the set that
  // cannot be used are logged once.
  std::string take_published(std::string_view issuer, std::string_view url,
                             std::string_view jwk_set);

 private:
  struct Published {
    std::string url;
    std::vector<std::string> skipped;
  };

  const IssuerParts* find(std::string_view issuer, std::string_view url) const;

  Snapshot<auth::JwtVerifier>& verifier_;
  Log& log_;
  std::mutex mutex_;
  VerifierParts files_;  // guarded by mutex_, as are all members below
  PublishedKeys keys_;
  std::map<std::string, Published, std::less<>> published_;  // of the last sets; as keys_
};

}  // namespace usher::issuer
