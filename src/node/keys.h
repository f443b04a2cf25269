// The keys that a configuration names, read from their files: keys to sign and keys to verify with.
//
// They are read at the start and again at SIGHUP. A fault in a file is reported in one sentence,
// and the keys in use then stay.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "api/api_keys.h"
#include "auth/guest_tokens.h"
#include "auth/jwt_verifier.h"
#include "auth/key_set.h"
#include "base/certificate.h"
#include "base/log.h"
#include "config/config.h"
#include "hooks/hook_signature.h"
#include "issuer/issuer_keys.h"
#include "net/tls.h"

namespace usher::node {

// The operator's fault; what() is one sentence that says what to do.
class KeyFileError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Keys {
  issuer::VerifierParts parts;
  std::shared_ptr<const auth::JwtVerifier> verifier;
  std::shared_ptr<const auth::GuestTokens> guest_tokens;  // null: guests off
  std::shared_ptr<const api::ApiKeys> api_keys;           // null: server API off
  std::shared_ptr<const hooks::HookSigner> hook_signer;
  std::vector<std::optional<auth::Key>> upstream_secrets;  // of each [[upstreams]]
  std::shared_ptr<const Certificate> certificate;          // null: plain
  std::shared_ptr<net::TlsContext> tls;                    // null: plain
  std::vector<net::TlsTicketKey> ticket_keys;  // empty if tls.session_ticket_key_files is
};

// The secrets that `--dev` generates at the start in place of files.
struct DevSecrets {
  std::string jwt_secret;
  std::string api_key;
};

// `dev`: used where the configuration names no file. Throws KeyFileError. Borrows `entropy` in the
// guest tokens.
Keys load_keys(const config::Config& config, const std::optional<DevSecrets>& dev,
               Entropy& entropy);

issuer::VerifierParts load_verifier_parts(const config::Config& config,
                                          const std::optional<DevSecrets>& dev);

void warn_of_skipped_keys(const issuer::VerifierParts& parts, Log& log);

// Returns the key that signs for `usher token`: the first secret of the issuer.
auth::Key signing_key(const config::IssuerConfig& issuer);

std::string read_key_file(const std::string& path);

// Returns the first key of an API key file; "" if it holds none.
std::string first_api_key(const std::string& path);

}  // namespace usher::node
