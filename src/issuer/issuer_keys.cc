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
                                                       const PublishedKeys& published) {
  std::vector<auth::Issuer> issuers;
  for (const IssuerParts& issuer : parts.issuers) {
    auth::Issuer& made = issuers.emplace_back(auth::Issuer{issuer.options, issuer.keys});
    const auto found = published.find(issuer.options.issuer.value_or(""));
    if (found != published.end()) made.keys.append(found->second);
  }
  return std::make_shared<const auth::JwtVerifier>(
      auth::IssuerTable(std::move(issuers), parts.guest_keys, parts.guest_options));
}

const IssuerParts* IssuerKeys::find(std::string_view issuer, std::string_view url) const {
  const auto found = std::ranges::find_if(files_.issuers, [&](const IssuerParts& parts) {
    return parts.options.issuer == issuer && parts.jwks_url == url;
  });
  return found == files_.issuers.end() ? nullptr : &*found;
}

void IssuerKeys::set_files(VerifierParts files) {
  const std::lock_guard lock(mutex_);
  files_ = std::move(files);
  std::erase_if(published_,
                [this](const auto& each) { return find(each.first, each.second.url) == nullptr; });
  std::erase_if(keys_, [this](const auto& each) { return !published_.contains(each.first); });
  verifier_.set(make_verifier(files_, keys_));
}

std::string IssuerKeys::take_published(std::string_view issuer, std::string_view url,
                                       std::string_view jwk_set) {
  const std::lock_guard lock(mutex_);
  const IssuerParts* const parts = find(issuer, url);
  if (parts == nullptr) return "the configuration does not name it any more";
  try {
    auth::JwkSet set =
        auth::parse_jwk_set(jwk_set, {.source = auth::JwkSource::url, .allowed = parts->allowed});
    auth::KeySet& keys = keys_[std::string(issuer)];
    Published& published = published_[std::string(issuer)];
    published.url = url;
    if (set.skipped != published.skipped) {
      for (const std::string& sentence : set.skipped) {
        log_.warn("a key of " + parts->source_name() + " can't be used", {{"reason", sentence}});
      }
    }
    if (!has_same_keys(keys, set.keys)) {
      log_.info("key set of " + parts->source_name() + " in use",
                {{"keys", set.keys.keys().size()}, {"skipped", set.skipped_count}});
    }
    keys = std::move(set.keys);
    published.skipped = std::move(set.skipped);
    verifier_.set(make_verifier(files_, keys_));
  } catch (const auth::KeyError& error) {
    return error.what();
  }
  return {};
}

}  // namespace usher::issuer
