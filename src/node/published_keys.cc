#include "node/published_keys.h"

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <utility>

#include "auth/jwk_set.h"
#include "http_client/tls_trust.h"
#include "issuer/key_source.h"

namespace usher::node {

issuer::PublishedKeys fetch_published_keys(const config::Config& config,
                                           const issuer::VerifierParts& parts,
                                           std::string_view token) {
  const std::string named = auth::unverified_issuer(token);
  const auto issuer = std::ranges::find_if(parts.issuers, [&](const issuer::IssuerParts& each) {
    return parts.issuers.size() == 1 || each.options.issuer == named;
  });
  if (issuer == parts.issuers.end() || issuer->jwks_url.empty()) return {};
  boost::asio::io_context loop;
  http_client::Answer answer;
  http_client::start_call(loop.get_executor(), http_client::make_tls_trust(config.tls.ca_file),
                          issuer::key_set_request(*http_client::parse_url(issuer->jwks_url)),
                          [&](http_client::Answer got) { answer = std::move(got); });
  loop.run();
  std::string fault = issuer::key_set_fault(answer);
  if (fault.empty()) {
    try {
      auto set = auth::parse_jwk_set(answer.body,
                                     {.source = auth::JwkSource::url, .allowed = issuer->allowed});
      return {{issuer->options.issuer.value_or(""), std::move(set.keys)}};
    } catch (const auth::KeyError& error) {
      fault = error.what();
    }
  }
  throw KeyFileError(issuer->source_name() + ": " + fault);
}

}  // namespace usher::node
