// The header fields by which a door tells another server who a connection is.
//
// usher alone may say them: fields of such a name that a client sent are dropped before
// (is_identity_field).
//
// Threads: immutable, shared freely.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/jwt_signer.h"
#include "base/wall_clock.h"

namespace usher::doors {

// How long X-Usher-Identity is valid: for the handshake, not for the connection.
inline constexpr std::chrono::seconds kSignedIdentityTtl{60};

// Who a connection is. Views are used during the call only.
// Requires: session and user are UTF-8, as claims of tokens are.
struct DoorIdentity {
  std::string_view session;  // never empty
  std::string_view user;     // empty: a guest
  std::string_view client;   // the connection's id: 16 hex digits
  std::string_view claims;   // of the ticket: a JSON object; empty: none
};

struct IdentityHeadersOptions {
  std::vector<std::string> claims;    // names of the claims that are told
  std::string audience;               // of X-Usher-Identity
  std::optional<auth::Key> secret{};  // signs X-Usher-Identity; without it there is none
};

class IdentityHeaders {
 public:
  // Names and values, as HttpResponse has them.
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // Throws KeyError for a key that can only verify.
  explicit IdentityHeaders(IdentityHeadersOptions options);

  // X-Usher-Session, X-Usher-User (not for guests), X-Usher-Client, X-Usher-Claims (base64url of a
  // JSON object; only if there are such claims), X-Usher-Identity (a JWT; only with a secret).
  Fields fields(const DoorIdentity& who, WallTime now) const;

 private:
  std::string signed_identity(const DoorIdentity& who, WallTime now) const;

  std::vector<std::string> claims_;
  std::string audience_;
  std::optional<auth::JwtSigner> signer_;
};

// Returns `text` with every byte that is no visible ASCII character, and every '%', as %XX. So any
// name fits into a field's value, and percent-decoding returns it.
std::string percent_encoded(std::string_view text);

// Returns whether a field of this name could be taken for one of ours: `X-Usher-…`, in any case.
// Servers that make variables of field names (CGI, WSGI, Rack) read `X_Usher_User` or
// `X.Usher.User` as the same variable, so any other character counts as the '-'.
bool is_identity_field(std::string_view name);

}  // namespace usher::doors
