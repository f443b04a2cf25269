// Any bytes as a token, and any two lines as the header and payload of a token that we have signed
// ourselves: so that claims are reached behind a good signature.
#include <cstdint>
#include <string>

#include "auth/jwt_signer.h"
#include "auth/jwt_verifier.h"
#include "base/check.h"

namespace {

using namespace usher::auth;
using usher::WallTime;

constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};

const Key& secret() {
  static const Key key = secret_key("0123456789abcdef0123456789abcdef");
  return key;
}

// What the rest of usher relies on, whoever signed.
void check_claims(const Claims& claims) {
  USHER_CHECK(!claims.session.empty() && claims.session.size() <= kClaimBytesMax);
  USHER_CHECK(claims.user.size() <= kClaimBytesMax && claims.jti.size() <= kClaimBytesMax);
  USHER_CHECK(claims.session.find('\n') == std::string::npos);
  USHER_CHECK(claims.channels.size() <= JwtOptions().channels_per_token);
  for (const std::string& channel : claims.channels) {
    USHER_CHECK(!channel.empty() && channel.size() <= kClaimBytesMax);
  }
  USHER_CHECK(kNow < WallTime(std::chrono::seconds(claims.exp)) + std::chrono::seconds(30));
  USHER_CHECK(!claims.guest || claims.user.empty());
}

void check_as_token(const JwtVerifier& verifier, const std::string& token, bool forged) {
  const auto claims = verifier.verify(token, kNow);
  if (claims) {
    USHER_CHECK(!forged && token.size() <= kTokenBytesMax);
    check_claims(*claims);
    USHER_CHECK(!payload_of(token).empty());
  } else {
    USHER_CHECK(!verifier.explain(token, claims.error()).empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const JwtVerifier shared({}, KeySet({secret()}), KeySet({secret()}));
  static const JwtVerifier strict({.issuer = "i", .audience = {"a"}, .session_claim = {"s"}},
                                  KeySet({secret()}));
  // Whichever the token names, its claims may be paths.
  static const JwtVerifier several(IssuerTable(
      {Issuer{{.issuer = "i", .session_claim = {"a.b", "s"}, .user_prefix = "p:"},
              KeySet({secret()})},
       Issuer{{.issuer = "j", .channels_claim = "c.d.e", .info_claim = "f.g"}, KeySet({secret()})}},
      KeySet({secret()})));
  static const JwtVerifier stranger({}, KeySet({secret_key(std::string(32, 'x'))}));
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_as_token(shared, text, /*forged=*/false);

  const auto line_end = text.find('\n');
  if (line_end == std::string::npos) return 0;
  const std::string token =
      JwtSigner(secret()).sign_raw(text.substr(0, line_end), text.substr(line_end + 1));
  check_as_token(shared, token, /*forged=*/false);
  check_as_token(several, token, /*forged=*/false);
  check_as_token(strict, token, /*forged=*/false);
  check_as_token(stranger, token, /*forged=*/true);
  return 0;
}
