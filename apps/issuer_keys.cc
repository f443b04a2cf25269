#include "apps/issuer_keys.h"

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <utility>

#include "auth/jwk_set.h"
#include "http_client/tls_trust.h"
#include "net/key_source.h"

namespace usher::apps {
namespace {

bool has_same_keys(const auth::KeySet& a, const auth::KeySet& b) {
  return std::ranges::equal(a.keys(), b.keys(), [](const auth::Key& x, const auth::Key& y) {
    return x.kid == y.kid && x.algorithm == y.algorithm && x.material->same_as(*y.material);
  });
}

}  // namespace

auth::KeySet fetch_published_keys(const Config& config, const VerifierParts& parts) {
  if (config.jwt.jwks_url.empty()) return {};
  boost::asio::io_context loop;
  http_client::Answer answer;
  http_client::start_call(loop.get_executor(), http_client::make_tls_trust(config.tls.ca_file),
                          net::key_set_request(*http_client::parse_url(config.jwt.jwks_url)),
                          [&](http_client::Answer got) { answer = std::move(got); });
  loop.run();
  std::string fault = net::key_set_fault(answer);
  if (fault.empty()) {
    try {
      return auth::parse_jwk_set(answer.body,
                                 {.source = auth::JwkSource::url, .allowed = parts.allowed})
          .keys;
    } catch (const auth::KeyError& error) {
      fault = error.what();
    }
  }
  throw KeyFileError("jwt.jwks_url: " + fault);
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

}  // namespace usher::apps
