#include "node/published_keys.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <utility>

#include "auth/jwk_set.h"
#include "http_client/tls_trust.h"
#include "issuer/key_source.h"

namespace usher::node {

auth::KeySet fetch_published_keys(const config::Config& config,
                                  const issuer::VerifierParts& parts) {
  if (config.jwt.jwks_url.empty()) return {};
  boost::asio::io_context loop;
  http_client::Answer answer;
  http_client::start_call(loop.get_executor(), http_client::make_tls_trust(config.tls.ca_file),
                          issuer::key_set_request(*http_client::parse_url(config.jwt.jwks_url)),
                          [&](http_client::Answer got) { answer = std::move(got); });
  loop.run();
  std::string fault = issuer::key_set_fault(answer);
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

}  // namespace usher::node
