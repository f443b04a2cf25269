#include <cstdio>
#include <fstream>
#include <iostream>

#include "apps/arguments.h"
#include "apps/command_line.h"
#include "apps/load_or_explain.h"
#include "auth/jwk_set.h"
#include "auth/jwt_signer.h"
#include "base/duration_text.h"
#include "base/system.h"
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
  if (!options.audience.empty()) config.jwt.audience = options.audience;
  return config;
}

}  // namespace

int run_token(int argc, char** argv) {
  KeyOptions keys;
  std::string session, user, ttl = "1h";
  std::vector<std::string> channels, claims;
  Arguments app("Makes a token and prints it.", "usher token");
  const auto config_option = app.text(
      "--config", keys.config_file, "take secret, issuer and claim names from this configuration");
  app.text("--secret-file", keys.secret_file, "file with the secret (at least 32 bytes)");
  app.text("--session", session, "session claim; without it the token has no session");
  app.text("--user", user, "user claim");
  app.text("--ttl", ttl,
           "lifetime, for example 1h or 30s; with a leading - the token is already expired")
      .shows_default();
  app.texts("--channel", channels, "an entry of the `channels` claim; may be repeated");
  app.text("--iss", keys.issuer, "issuer");
  app.text("--aud", keys.audience, "audience");
  app.texts("--claim", claims, "any other claim, as name=JSON; may be repeated");
  app.footer(
      "Example: usher token --secret-file jwt.secret --session sess_1 --user ada --channel "
      "orders:42");
  if (const Parsed parsed = app.parse(argc, argv); !parsed.go_on) return parsed.exit_code;
  if (!config_option.was_given() && keys.secret_file.empty()) {
    return fail("token", "give --config FILE or --secret-file FILE", kBadUsage);
  }
  const bool expired = ttl.starts_with('-');
  const auto life = parse_duration(std::string_view(ttl).substr(expired ? 1 : 0));
  if (!life)
    return fail("token", "--ttl: '" + ttl + "' is not a duration; write 30s, 10m or 1h", kBadUsage);
  const auto config = config_of("token", keys);
  if (!config) return kFailed;

  const std::int64_t now = unix_seconds(SystemWallClock().now());
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(*life).count();
  auth::JwtPayload payload;
  if (!session.empty()) payload.set(config->jwt.session_claim, session);
  if (!user.empty()) payload.set(config->jwt.user_claim, user);
  if (!config->jwt.issuer.empty()) payload.set("iss", config->jwt.issuer);
  if (!config->jwt.audience.empty()) payload.set("aud", config->jwt.audience);
  payload.set_number("iat", expired ? now - seconds - 1 : now);
  payload.set_number("exp", expired ? now - seconds : now + seconds);
  if (!channels.empty()) payload.set("channels", channels);
  for (const std::string& claim : claims) {
    const auto equals = claim.find('=');
    if (equals == std::string::npos) {
      return fail("token", "--claim: '" + claim + "' has no '='; write name=JSON", kBadUsage);
    }
    payload.set_json(claim.substr(0, equals), claim.substr(equals + 1));
  }
  std::puts(auth::JwtSigner(node::signing_key(*config)).sign(payload).c_str());
  return kDone;
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
  for (const std::string& sentence : parts.skipped) {
    std::fprintf(stderr, "usher checktoken: a key of the set can't be used: %s\n",
                 sentence.c_str());
  }
  const auto verifier = issuer::make_verifier(parts, node::fetch_published_keys(*config, parts));
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
