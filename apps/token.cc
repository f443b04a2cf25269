#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "apps/arguments.h"
#include "apps/command_line.h"
#include "apps/load_or_explain.h"
#include "apps/provider_tokens.h"
#include "auth/jwk_set.h"
#include "auth/jwt_signer.h"
#include "base/duration_text.h"
#include "base/system.h"
#include "config/config_table.h"
#include "node/keys.h"
#include "node/published_keys.h"

namespace usher::apps {
namespace {

// Where keys come from: a configuration, or files named on the command line.
struct KeyOptions {
  std::string config_file;
  std::string secret_file;
  std::string jwks_file;
  std::string public_key_file;
  std::string issuer;
  std::string audience;
};

std::optional<config::Config> config_of(std::string_view command, const KeyOptions& options) {
  config::Config config;
  if (!options.config_file.empty()) {
    auto loaded =
        load_or_explain(command, {.file = options.config_file, .settings = {}, .dev = false});
    if (!loaded) return std::nullopt;
    config = std::move(*loaded);
  }
  if (!options.secret_file.empty()) config.jwt.secret_file = {options.secret_file};
  if (!options.public_key_file.empty()) config.jwt.public_key_file = {options.public_key_file};
  if (!options.jwks_file.empty()) config.jwt.jwks_file = options.jwks_file;
  if (!options.issuer.empty()) config.jwt.issuer = options.issuer;
  if (!options.audience.empty()) config.jwt.audience = {options.audience};
  return config;
}

// What `usher token` is asked for.
struct TokenWishes {
  KeyOptions keys;
  const Provider* like = nullptr;
  std::string session, user, ttl = "1h";
  std::vector<std::string> channels, claims;
};

std::vector<std::pair<std::string, const Provider*>> provider_names() {
  std::vector<std::pair<std::string, const Provider*>> names;
  for (const Provider& provider : providers()) names.emplace_back(provider.name, &provider);
  return names;
}

// Of several issuers the one that --iss names, or else the first that has a secret.
config::IssuerConfig signing_issuer(const config::JwtConfig& jwt, const std::string& name) {
  for (const config::IssuerConfig& issuer : jwt.issuers) {
    if (issuer.issuer == name) return issuer;
  }
  const config::IssuerConfig& plain = jwt;
  if (!plain.secret_file.empty()) return plain;
  const auto with_secret = [](const config::IssuerConfig& each) {
    return !each.secret_file.empty();
  };
  const auto found = std::ranges::find_if(jwt.issuers, with_secret);
  return found == jwt.issuers.end() ? plain : *found;
}

// The configuration in which `issuer` differs from an empty one.
void explain_settings(const config::IssuerConfig& issuer, const Provider& provider) {
  std::fputs("# accepts it:\n[jwt]\n", stderr);
  const config::IssuerConfig defaults;
  for (const auto& key : config::issuer_keys()) {
    const std::string value = key.get(issuer);
    if (value == key.get(defaults)) continue;
    std::fprintf(stderr, "%.*s = %s\n", static_cast<int>(key.name.size()), key.name.data(),
                 value.c_str());
  }
  std::fprintf(stderr,
               "# the provider's own tokens, in place of secret_file:\n# jwks_url = \"%.*s\"\n",
               static_cast<int>(provider.jwks_url.size()), provider.jwks_url.data());
}

// The issuer whose tokens are wished for, with the secret that signs.
config::IssuerConfig issuer_of(const config::Config& config, const TokenWishes& wishes) {
  config::IssuerConfig issuer = signing_issuer(config.jwt, wishes.keys.issuer);
  if (wishes.like == nullptr) return issuer;
  config::IssuerConfig like = wishes.like->settings();
  like.secret_file = issuer.secret_file;
  if (!wishes.keys.issuer.empty()) like.issuer = wishes.keys.issuer;
  if (!wishes.keys.audience.empty()) like.audience = {wishes.keys.audience};
  return like;
}

auth::JwtPayload payload_of(const TokenWishes& wishes, const config::IssuerConfig& issuer,
                            std::int64_t iat, std::int64_t exp) {
  auth::JwtPayload payload;
  if (wishes.like != nullptr) payload = example_payload(*wishes.like, iat, exp);
  const std::string session_claim =
      issuer.session_claim.empty() ? "sid" : issuer.session_claim.front();
  if (!wishes.session.empty()) payload.set(session_claim, wishes.session);
  if (!wishes.user.empty()) payload.set(issuer.user_claim, wishes.user);
  if (wishes.like == nullptr || !wishes.keys.audience.empty()) {
    if (!issuer.audience.empty()) payload.set(issuer.audience_claim, issuer.audience.front());
  }
  if (!issuer.issuer.empty()) payload.set("iss", issuer.issuer);
  payload.set_number("iat", iat);
  payload.set_number("exp", exp);
  if (!wishes.channels.empty()) payload.set(issuer.channels_claim, wishes.channels);
  return payload;
}

int make_token(const TokenWishes& wishes) {
  const std::string& ttl = wishes.ttl;
  const bool expired = ttl.starts_with('-');
  const auto life = parse_duration(std::string_view(ttl).substr(expired ? 1 : 0));
  if (!life)
    return fail("token", "--ttl: '" + ttl + "' is not a duration; write 30s, 10m or 1h", kBadUsage);
  const auto config = config_of("token", wishes.keys);
  if (!config) return kFailed;
  const config::IssuerConfig issuer = issuer_of(*config, wishes);

  const std::int64_t now = unix_seconds(SystemWallClock().now());
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(*life).count();
  auth::JwtPayload payload = payload_of(wishes, issuer, expired ? now - seconds - 1 : now,
                                        expired ? now - seconds : now + seconds);
  for (const std::string& claim : wishes.claims) {
    const auto equals = claim.find('=');
    if (equals == std::string::npos) {
      return fail("token", "--claim: '" + claim + "' has no '='; write name=JSON", kBadUsage);
    }
    payload.set_json(claim.substr(0, equals), claim.substr(equals + 1));
  }
  std::puts(auth::JwtSigner(node::signing_key(issuer)).sign(payload).c_str());
  if (wishes.like != nullptr) explain_settings(issuer, *wishes.like);
  return kDone;
}

}  // namespace

int run_token(int argc, char** argv) {
  TokenWishes wishes;
  Arguments app("Makes a token and prints it.", "usher token");
  KeyOptions& keys = wishes.keys;
  const auto config_option = app.text(
      "--config", keys.config_file, "take secret, issuer and claim names from this configuration");
  app.text("--secret-file", keys.secret_file, "file with the secret (at least 32 bytes)");
  const auto like_option = app.choice(
      "--like", wishes.like, provider_names(),
      "a token as this provider issues them; the configuration that accepts it goes to stderr");
  app.text("--session", wishes.session, "session claim; without it the token has no session");
  app.text("--user", wishes.user, "user claim");
  app.text("--ttl", wishes.ttl,
           "lifetime, for example 1h or 30s; with a leading - the token is already expired")
      .shows_default();
  app.texts("--channel", wishes.channels, "an entry of the channels claim; may be repeated");
  app.text("--iss", keys.issuer,
           "issuer; of several in the configuration, the one whose secret and names are taken");
  app.text("--aud", keys.audience, "audience");
  app.texts("--claim", wishes.claims, "any other claim, as name=JSON; may be repeated");
  app.footer(
      "Example: usher token --secret-file jwt.secret --session sess_1 --user ada --channel "
      "orders:42");
  if (const Parsed parsed = app.parse(argc, argv); !parsed.go_on) return parsed.exit_code;
  if (!config_option.was_given() && keys.secret_file.empty()) {
    return fail("token", "give --config FILE or --secret-file FILE", kBadUsage);
  }
  if (!like_option.was_given()) wishes.like = nullptr;
  return make_token(wishes);
}

int run_checktoken(int argc, char** argv) {
  KeyOptions keys;
  std::string token;
  Arguments app("Verifies a token. Prints its claims, or prints `code: reason` and exits with 1.",
                "usher checktoken");
  app.text("--config", keys.config_file, "verify as a gateway with this configuration would");
  app.text("--jwks", keys.jwks_file, "file with a JWK set");
  app.text("--secret-file", keys.secret_file, "file with a secret");
  app.text("--public-key-file", keys.public_key_file, "PEM file with a public key");
  app.text("--iss", keys.issuer, "the issuer that the token must have");
  app.text("--aud", keys.audience, "the audience that the token must have");
  app.text("token", token,
           "the token; - reads it from standard input, so that `ps` does not show it")
      .required();
  app.footer(
      "Example: usher checktoken --jwks jwks.json --iss https://id.example --aud app \"$TOKEN\"");
  if (const Parsed parsed = app.parse(argc, argv); !parsed.go_on) return parsed.exit_code;
  if (keys.config_file.empty() && keys.jwks_file.empty() && keys.secret_file.empty() &&
      keys.public_key_file.empty()) {
    return fail("checktoken", "give --config, --jwks, --secret-file or --public-key-file",
                kBadUsage);
  }
  if (token == "-") std::getline(std::cin, token);
  const auto config = config_of("checktoken", keys);
  if (!config) return kFailed;

  const issuer::VerifierParts parts = node::load_verifier_parts(*config, std::nullopt);
  for (const issuer::IssuerParts& issuer : parts.issuers) {
    for (const std::string& sentence : issuer.skipped) {
      std::fprintf(stderr, "usher checktoken: a key of the set can't be used: %s\n",
                   sentence.c_str());
    }
  }
  const auto verifier =
      issuer::make_verifier(parts, node::fetch_published_keys(*config, parts, token));
  const auto claims = verifier->verify(token, SystemWallClock().now());
  if (claims) {
    std::puts(auth::payload_of(token).c_str());
    return kDone;
  }
  const std::string_view code = auth::to_string(auth::code_of(claims.error()));
  std::printf("%.*s: %s\n", static_cast<int>(code.size()), code.data(),
              verifier->explain(token, claims.error()).c_str());
  return kFailed;
}

}  // namespace usher::apps
