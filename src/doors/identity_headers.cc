#include "doors/identity_headers.h"

#include "auth/claim_selection.h"
#include "auth/jwt_options.h"
#include "base/ascii.h"
#include "base/bytes.h"

namespace usher::doors {
namespace {

constexpr std::string_view kPrefix = "x-usher-";

bool is_alphanumeric(char c) {
  const char lower = to_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

std::optional<auth::JwtSigner> signer_of(std::optional<auth::Key> secret) {
  if (!secret) return std::nullopt;
  return auth::JwtSigner(std::move(*secret));
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '%') {
      encoded.push_back(c);
    } else {
      encoded.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return encoded;
}

bool is_identity_field(std::string_view name) {
  if (name.size() < kPrefix.size()) return false;
  for (std::size_t i = 0; i < kPrefix.size(); ++i) {
    const char folded = is_alphanumeric(name[i]) ? to_lower(name[i]) : '-';
    if (folded != kPrefix[i]) return false;
  }
  return true;
}

IdentityHeaders::IdentityHeaders(IdentityHeadersOptions options)
    : claims_(std::move(options.claims)),
      audience_(std::move(options.audience)),
      signer_(signer_of(std::move(options.secret))) {}

IdentityHeaders::Fields IdentityHeaders::fields(const DoorIdentity& who, WallTime now) const {
  Fields fields;
  fields.emplace_back("X-Usher-Session", percent_encoded(who.session));
  if (!who.user.empty()) fields.emplace_back("X-Usher-User", percent_encoded(who.user));
  fields.emplace_back("X-Usher-Client", who.client);
  if (const std::string claims = auth::select_claims(who.claims, claims_); !claims.empty()) {
    fields.emplace_back("X-Usher-Claims", to_base64url(claims));
  }
  if (signer_) fields.emplace_back("X-Usher-Identity", signed_identity(who, now));
  return fields;
}

std::string IdentityHeaders::signed_identity(const DoorIdentity& who, WallTime now) const {
  const std::int64_t seconds = unix_seconds(now);
  auth::JwtPayload payload;
  payload.set("iss", auth::kGuestIssuer).set("aud", audience_);
  if (!who.user.empty()) payload.set("sub", who.user);
  payload.set("sessionId", who.session)
      .set_number("iat", seconds)
      .set_number("exp", seconds + kSignedIdentityTtl.count());
  return signer_->sign(payload);
}

}  // namespace usher::doors
