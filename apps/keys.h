// The keys that a configuration names, read from their files: who signs, whom we believe.
//
// Read at the start and again at SIGHUP; what is wrong with a file is said in one sentence, and
// then the keys that are in use stay.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "apps/config.h"
#include "auth/guest_tokens.h"
#include "auth/jwt_verifier.h"
#include "auth/key_set.h"
#include "base/certificate.h"
#include "base/log.h"
#include "gateway/api_keys.h"
#include "gateway/hook_signature.h"
#include "net/tls.h"

namespace usher::apps {

// The operator's fault; what() is one sentence that says what to do.
class KeyFileError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What a verifier is made of, as far as files and the configuration say it.
struct VerifierParts {
  auth::JwtOptions options;
  std::vector<auth::Algorithm> allowed;  // jwt.algorithms
  auth::KeySet issuer_keys;
  auth::KeySet guest_keys;
  std::vector<std::string> skipped;  // a sentence for each key of jwt.jwks_file that can't be used
};

struct Keys {
  VerifierParts parts;
  std::shared_ptr<const auth::JwtVerifier> verifier;
  std::shared_ptr<const auth::GuestTokens> guest_tokens;  // null: guests off
  std::shared_ptr<const gateway::ApiKeys> api_keys;       // null: server API off
  std::shared_ptr<const gateway::HookSigner> hook_signer;
  std::shared_ptr<const Certificate> certificate;  // null: plain
  std::shared_ptr<net::TlsContext> tls;            // likewise
  std::vector<net::TlsTicketKey> ticket_keys;      // empty: tls.session_ticket_key_files is
};

// What `--dev` makes up at the start in place of files.
struct DevSecrets {
  std::string jwt_secret;
  std::string api_key;
};

// `dev`: used where the configuration names no file. Throws KeyFileError. Borrows `entropy` in the
// guest tokens.
Keys load_keys(const Config& config, const std::optional<DevSecrets>& dev, Entropy& entropy);

VerifierParts load_verifier_parts(const Config& config, const std::optional<DevSecrets>& dev);

// With the issuer's `published` keys besides.
std::shared_ptr<const auth::JwtVerifier> make_verifier(const VerifierParts& parts,
                                                       const auth::KeySet& published = {});

void warn_of_skipped_keys(const VerifierParts& parts, Log& log);

// The key that signs: the first of jwt.secret_file, for `usher token`.
auth::Key signing_key(const Config& config);

std::string read_key_file(const std::string& path);

// The first key of an API key file; "" if it holds none.
std::string first_api_key(const std::string& path);

}  // namespace usher::apps
