// Whose tokens are accepted, and with which keys: verifies the signature of a token (JWS compact
// serialization, RFC 7515, 7519, 8725).
//
// With several issuers, `iss` of the unverified token chooses whose keys may verify it, and is used
// for nothing else; so no key of one issuer verifies a token that names another. With one, there is
// nothing to choose, and `iss` is checked afterwards.
//
// Access tokens, logout tokens and security events are verified here alike. Their claims are read
// elsewhere: those of access tokens by JwtVerifier.
//
// Threads: immutable, shared freely. verify_signature() takes no lock.
// Limits: kTokenBytesMax. A token costs at most one signature check for each key of its `alg`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt_claims.h"
#include "auth/jwt_error.h"
#include "auth/jwt_header.h"
#include "auth/jwt_options.h"
#include "auth/key_set.h"
#include "base/result.h"

namespace usher::auth {

inline constexpr std::size_t kTokenBytesMax = 8 * 1024;

struct Issuer {
  JwtOptions options;
  KeySet keys;
};

// The payload of a token whose signature is good. No claim in it has been checked.
struct VerifiedPayload {
  const JwtOptions& options;  // of the issuer; valid while the table lives
  SignerRoles signer;         // what the key that signed is trusted for
  std::string typ;            // as JwtHeader::typ
  std::string json;
};

class IssuerTable {
 public:
  // Guests' tokens have `guest_options` if no issuer is without a name.
  // Requires: each issuer has a name of its own, but for a single one, which need not have one. No
  // issuer is named kGuestIssuer. Longer prefixes of others become JwtOptions::foreign_prefixes.
  explicit IssuerTable(std::vector<Issuer> issuers, const KeySet& guest_keys = {},
                       JwtOptions guest_options = {});

  // A key may be an issuer's and a guests' key. Then `iss` and `guest` distinguish the two.
  Result<VerifiedPayload, TokenError> verify_signature(std::string_view token,
                                                       TokenKind kind = TokenKind::access) const;

  // As verify_signature(), for tokens that only an issuer may sign: its key has signed, and `iss` is
  // its name. `wrong_issuer` if not, or if the issuer has no name.
  Result<VerifiedPayload, TokenError> verify_issued(std::string_view token, TokenKind kind) const;

  // Returns whether an issuer may end sessions: one has a logout_audience.
  bool may_log_out() const;

  // Returns whether a token that was refused with `error` is surely none that an issuer of this
  // table, or usher itself, has made: it is no JWT at all, or it names another issuer and no key of
  // the table has signed it. A token that may be of the table stays refused, whatever others think
  // of it.
  bool is_foreign(std::string_view token, TokenError error) const;

  // For `usher checktoken`: returns reason_of(error) with the names and values that the operator
  // needs. `token` is the refused token; the text contains no secret part of it.
  std::string explain(std::string_view token, TokenError error) const;

 private:
  // A key and the kinds of token that it may sign.
  struct TrustedKey {
    Key key;
    bool issuer = false;
    bool guest = false;
  };
  struct Entry {
    JwtOptions options;
    std::vector<TrustedKey> keys;
  };

  static void add_keys(Entry& entry, const KeySet& issuer_keys, const KeySet& guest_keys);
  Result<const Entry*, TokenError> entry_for(std::string_view payload_json) const;
  static Result<const TrustedKey*, TokenError> find_signer(const Entry& entry,
                                                           std::string_view input,
                                                           std::string_view signature,
                                                           const JwtHeader& header);
  bool may_have_made(std::string_view token) const;
  static bool may_be_of_newer_key(const Entry& entry, const JwtHeader& header);
  static std::string explain_algorithm(const Entry& entry, std::string_view header_json);

  std::vector<Entry> issuers_;
  Entry guests_;  // of tokens that name kGuestIssuer, if there are several issuers or none
};

// Returns `iss` of a token that nothing has verified, or "": only to choose whose keys to ask for.
std::string unverified_issuer(std::string_view token);

// Returns the payload of a verified token: the JSON text that was signed.
// Requires: the token has been verified. This function verifies nothing.
std::string payload_of(std::string_view verified_token);

}  // namespace usher::auth
