#include "issuer/issuer_keys.h"

#include <algorithm>
#include <utility>

#include "auth/jwk_set.h"

namespace usher::issuer {
namespace {

bool has_same_keys(const auth::KeySet& a, const auth::KeySet& b) {
  return std::ranges::equal(a.keys(), b.keys(), [](const auth::Key& x, const auth::Key& y) {
    return x.kid == y.kid && x.algorithm == y.algorithm && x.material->same_as(*y.material);
  });
}

}  // namespace

std::shared_ptr<const auth::JwtVerifier> make_verifier(const VerifierParts& parts,
                                                       const auth::KeySet& published) {
  auth::KeySet issuer = parts.issuer_keys;
  issuer.append(published);
  return std::make_shared<const auth::JwtVerifier>(parts.options, issuer, parts.guest_keys);
}

void IssuerKeys::set_files(VerifierParts files) {
  const std::lock_guard lock(mutex_);
  verifier_.set(make_verifier(files, published_));
  files_ = std::move(files);
}

std::string IssuerKeys::take_published(std::string_view jwk_set) {
  const std::lock_guard lock(mutex_);
  try {
    auth::JwkSet set =
        auth::parse_jwk_set(jwk_set, {.source = auth::JwkSource::url, .allowed = files_.allowed});
    verifier_.set(make_verifier(files_, set.keys));
    if (set.skipped != skipped_) {
      for (const std::string& sentence : set.skipped) {
        log_.warn("a key of jwt.jwks_url can't be used", {{"reason", sentence}});
      }
    }
    if (!has_same_keys(published_, set.keys)) {
      log_.info("key set of jwt.jwks_url in use",
                {{"keys", set.keys.keys().size()}, {"skipped", set.skipped_count}});
    }
    published_ = std::move(set.keys);
    skipped_ = std::move(set.skipped);
  } catch (const auth::KeyError& error) {
    return error.what();
  }
  return {};
}

}  // namespace usher::issuer
