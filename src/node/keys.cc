#include "node/keys.h"

#include <algorithm>
#include <vector>

#include "auth/jwk_set.h"
#include "config/config_check.h"
#include "config/config_sources.h"
#include "node/node_options.h"

namespace usher::node {
namespace {

std::vector<auth::Algorithm> allowed_algorithms(const config::IssuerConfig& issuer) {
  std::vector<auth::Algorithm> allowed;
  for (const std::string& name : issuer.algorithms) {
    const auto algorithm = auth::algorithm_from(name);
    if (!algorithm) {
      throw KeyFileError("jwt.algorithms: '" + name +
                         "' is not one that usher knows (HS256 … EdDSA)");
    }
    allowed.push_back(*algorithm);
  }
  return allowed;
}

// Runs `make`, and says which file a fault is in.
template <class F>
auto about_file(const std::string& path, F make) {
  try {
    return make();
  } catch (const auth::KeyError& error) {
    throw KeyFileError("'" + path + "': " + error.what());
  }
}

auth::Key secret_from_file(const std::string& path, const std::vector<auth::Algorithm>& allowed) {
  const std::string content = read_key_file(path);
  return about_file(path, [&] {
    return auth::secret_key(auth::secret_of_file(content),
                            auth::algorithm_for(auth::KeyKind::secret, allowed));
  });
}

auth::KeySet file_keys(const config::IssuerConfig& issuer,
                       const std::vector<auth::Algorithm>& allowed,
                       std::vector<std::string>& skipped) {
  auth::KeySet keys;
  for (const std::string& path : issuer.secret_file) keys.add(secret_from_file(path, allowed));
  for (const std::string& path : issuer.public_key_file) {
    const std::string content = read_key_file(path);
    about_file(path, [&] {
      for (auth::Key& key : auth::public_keys_from_pem(content, allowed)) keys.add(std::move(key));
    });
  }
  if (!issuer.jwks_file.empty()) {
    const std::string content = read_key_file(issuer.jwks_file);
    auto set = about_file(issuer.jwks_file, [&] {
      return auth::parse_jwk_set(content, {.source = auth::JwkSource::file, .allowed = allowed});
    });
    keys.append(set.keys);
    skipped = std::move(set.skipped);
  }
  return keys;
}

auth::KeySet guest_keys(const config::Config& config, const std::optional<DevSecrets>& dev) {
  auth::KeySet keys;
  if (!config.guest.enabled) return keys;
  const auto& own = config.guest.secret_file;
  // jwt.algorithms is about the issuer's keys. Where guests share one, it stays a key with one
  // algorithm.
  const auto& shared = config.jwt.secret_file;
  for (const std::string& path : own.empty() ? shared : own) {
    const bool is_shared = std::find(shared.begin(), shared.end(), path) != shared.end();
    keys.add(secret_from_file(
        path, is_shared ? allowed_algorithms(config.jwt) : std::vector<auth::Algorithm>{}));
  }
  if (keys.empty() && dev) keys.add(auth::secret_key(dev->jwt_secret));
  return keys;
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::chrono::seconds seconds_of(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration);
}

std::shared_ptr<const api::ApiKeys> load_api_keys(const config::Config& config,
                                                  const std::optional<DevSecrets>& dev) {
  if (config.api.key_file.empty() && !dev) return nullptr;
  const std::string text =
      config.api.key_file.empty() ? dev->api_key : read_key_file(config.api.key_file);
  auto keys = api::ApiKeys::parse(text);
  if (keys) return std::make_shared<const api::ApiKeys>(std::move(*keys));
  throw KeyFileError("api.key_file: '" + config.api.key_file +
                     (keys.error() == api::ApiKeysError::no_key
                          ? "' holds no key; write one key a line"
                          : "' holds too many keys; at most 16"));
}

std::string read_file_of(const std::string& key, const std::string& path) {
  try {
    return read_key_file(path);
  } catch (const KeyFileError& error) {
    throw KeyFileError(key + ": " + error.what());
  }
}

std::shared_ptr<const Certificate> load_certificate(const config::TlsConfig& tls) {
  const std::string certificate = read_file_of("tls.certificate_file", tls.certificate_file);
  const std::string key = read_file_of("tls.key_file", tls.key_file);
  return std::make_shared<const Certificate>(
      PemFile{"tls.certificate_file", tls.certificate_file, certificate},
      PemFile{"tls.key_file", tls.key_file, key});
}

std::vector<net::TlsTicketKey> load_ticket_keys(const config::Config& config) {
  const std::string name = "tls.session_ticket_key_files";
  std::vector<net::TlsTicketKey> keys;
  for (const std::string& path : config.tls.session_ticket_key_files) {
    const std::string content = read_file_of(name, path);
    const auto key = net::TlsTicketKey::parse(content);
    if (!key) {
      throw KeyFileError(name + ": '" + path + "' has " + std::to_string(content.size()) +
                         " bytes, and must have 80: make one with 'usher tlskey FILE'");
    }
    const auto same = std::ranges::find(keys, key->name, &net::TlsTicketKey::name);
    if (same != keys.end()) {
      throw KeyFileError(
          name + ": '" + path + "' holds the same key as '" +
          config.tls.session_ticket_key_files[static_cast<std::size_t>(same - keys.begin())] +
          "'; each file needs one of its own");
    }
    keys.push_back(*key);
  }
  return keys;
}

std::shared_ptr<const hooks::HookSigner> load_hook_signer(const config::Config& config) {
  std::vector<auth::Key> secrets;
  for (const std::string& path : config.hooks.secret_file) {
    secrets.push_back(secret_from_file(path, {}));
  }
  return std::make_shared<const hooks::HookSigner>(std::move(secrets));
}

std::vector<std::optional<auth::Key>> load_upstream_secrets(const config::Config& config) {
  std::vector<std::optional<auth::Key>> secrets;
  for (const config::UpstreamConfig& upstream : config.upstreams) {
    const std::string& path = upstream.identity_secret_file;
    secrets.push_back(path.empty() ? std::nullopt : std::optional(secret_from_file(path, {})));
  }
  return secrets;
}

}  // namespace

std::string read_key_file(const std::string& path) {
  auto content = config::read_file(path, auth::kPemBytesMax);
  if (content) return std::move(*content);
  if (content.error() == config::ReadError::too_large) {
    throw KeyFileError("'" + path + "' has more than 64 KiB; that is no key file");
  }
  throw KeyFileError("'" + path + "' " + std::string(to_string(content.error())));
}

namespace {

auth::JwtOptions jwt_options(const config::IssuerConfig& issuer, const config::Config& config) {
  auth::JwtOptions options;
  options.issuer = unless_empty(issuer.issuer);
  options.audience = issuer.audience;
  std::erase(options.audience, "");  // as for one: not asked for
  options.audience_claim = issuer.audience_claim;
  options.typ = issuer.typ;
  options.session_claim = issuer.session_claim;
  options.user_claim = issuer.user_claim;
  options.channels_claim = issuer.channels_claim;
  options.info_claim = issuer.info_claim;
  options.user_prefix = issuer.user_prefix;
  options.logout_audience = issuer.logout_audience;
  options.logout_by_user = issuer.logout_by == "user";
  options.leeway = seconds_of(issuer.leeway);
  options.may_have_newer_keys = !issuer.jwks_url.empty();
  options.channels_per_token = config.limits.channels_per_token;
  options.info_bytes = config.limits.info_bytes;
  options.claims = ticket_claims(config);
  return options;
}

issuer::IssuerParts issuer_parts(const config::IssuerConfig& issuer, std::string name,
                                 const config::Config& config) {
  issuer::IssuerParts parts;
  parts.name = std::move(name);
  parts.options = jwt_options(issuer, config);
  parts.allowed = allowed_algorithms(issuer);
  parts.keys = file_keys(issuer, parts.allowed, parts.skipped);
  parts.jwks_url = issuer.jwks_url;
  return parts;
}

}  // namespace

issuer::VerifierParts load_verifier_parts(const config::Config& config,
                                          const std::optional<DevSecrets>& dev) {
  issuer::VerifierParts parts;
  const config::JwtConfig& jwt = config.jwt;
  if (jwt.has_keys() || jwt.issuers.empty()) {
    issuer::IssuerParts& plain = parts.issuers.emplace_back(issuer_parts(jwt, "jwt", config));
    if (dev && !jwt.has_keys()) plain.keys.add(auth::secret_key(dev->jwt_secret));
  }
  for (const config::IssuerConfig& issuer : jwt.issuers) {
    parts.issuers.push_back(issuer_parts(issuer, "jwt.issuers '" + issuer.issuer + "'", config));
  }
  parts.guest_keys = guest_keys(config, dev);
  parts.guest_options = jwt_options({}, config);
  parts.guest_options.leeway = seconds_of(jwt.leeway);
  return parts;
}

void warn_of_skipped_keys(const issuer::VerifierParts& parts, Log& log) {
  for (const issuer::IssuerParts& issuer : parts.issuers) {
    for (const std::string& sentence : issuer.skipped) {
      log.warn("a key of " + issuer.file_name() + " can't be used", {{"reason", sentence}});
    }
  }
}

std::string first_api_key(const std::string& path) {
  const std::string text = read_key_file(path);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t first = text.find_first_not_of(" \t\r", begin);
    if (first < end && text[first] != '#') {
      return text.substr(first, text.find_last_not_of(" \t\r", end - 1) + 1 - first);
    }
    begin = end + 1;
  }
  return {};
}

auth::Key signing_key(const config::IssuerConfig& issuer) {
  if (issuer.secret_file.empty()) {
    throw KeyFileError("only a secret can sign here: set jwt.secret_file, or give --secret-file");
  }
  return secret_from_file(issuer.secret_file.front(), allowed_algorithms(issuer));
}

namespace {

Keys read_keys(const config::Config& config, const std::optional<DevSecrets>& dev,
               Entropy& entropy) {
  Keys keys;
  keys.parts = load_verifier_parts(config, dev);
  keys.verifier = issuer::make_verifier(keys.parts);
  if (config.guest.enabled) {
    auth::KeySet signers = guest_keys(config, dev);
    if (signers.empty()) {
      throw KeyFileError(
          "guest.enabled: guests need a secret; set guest.secret_file or jwt.secret_file");
    }
    auth::GuestOptions options;
    options.token_ttl = seconds_of(config.guest.token_ttl);
    options.renewal_window = seconds_of(config.guest.renewal_window);
    options.session_max = seconds_of(config.guest.session_max);
    keys.guest_tokens =
        std::make_shared<const auth::GuestTokens>(options, signers.keys().front(), entropy);
  }
  keys.api_keys = load_api_keys(config, dev);
  keys.hook_signer = load_hook_signer(config);
  keys.upstream_secrets = load_upstream_secrets(config);
  if (config.tls.enabled()) {
    keys.certificate = load_certificate(config.tls);
    keys.tls = std::make_shared<net::TlsContext>(*keys.certificate);
  }
  keys.ticket_keys = load_ticket_keys(config);
  return keys;
}

}  // namespace

Keys load_keys(const config::Config& config, const std::optional<DevSecrets>& dev,
               Entropy& entropy) {
  try {
    return read_keys(config, dev, entropy);
  } catch (const KeyFileError& error) {
    throw KeyFileError(with_place(config, error.what()));
  }
}

}  // namespace usher::node
