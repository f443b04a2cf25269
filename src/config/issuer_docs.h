// The texts about the members that [jwt] and each [[jwt.issuers]] have.
#pragma once

#include <string_view>

namespace usher::config {

inline constexpr std::string_view kSecretFileDoc =
    "Files with a shared secret of at least 32 bytes (HS256; 48 for HS384, 64 for HS512). All of them "
    "verify tokens; the first one signs.";
inline constexpr std::string_view kPublicKeyFileDoc =
    "PEM files with the public keys of your token issuer.";
inline constexpr std::string_view kJwksFileDoc = "File with the JWK set of your token issuer.";
inline constexpr std::string_view kJwksUrlDoc =
    "The URL of your token issuer's JWK set (at most 64 KiB, of which 32 keys are used): https, or "
    "http on this machine. usher fetches it at the start, on SIGHUP, and when a token names an "
    "unknown key, at most once in 30 s. The known keys stay while the URL cannot be reached.";
inline constexpr std::string_view kAlgorithmsDoc =
    "The algorithms that keys may be used with (`HS256`, `RS256`, `ES256`, `EdDSA`, …). A public key "
    "that names no algorithm serves all of them that fit it. Empty: the algorithm of each key.";
inline constexpr std::string_view kIssuerDoc =
    "The `iss` that tokens must have. Required with a public key or key set, and in "
    "`[[jwt.issuers]]`.";
inline constexpr std::string_view kAudienceDoc =
    "The `aud` that tokens must have: one of these. Required with a public key or key set.";
inline constexpr std::string_view kAudienceClaimDoc =
    "The claim that is compared with `audience`, where an issuer's tokens have no `aud` that names "
    "your application: `client_id` of Amazon Cognito, `azp` of Keycloak and Clerk.";
inline constexpr std::string_view kTypDoc =
    "The `typ` that the token's header must have: `at+jwt`, so that only access tokens (RFC 9068) pass "
    "and no ID token. Empty: `JWT`, `at+jwt` or none.";
inline constexpr std::string_view kSessionClaimDoc =
    "The claims that may name the session: the first that the token has does. If it has none of them, "
    "`sid` counts. Like the other names of claims it may be a path, as in `ext.session` "
    "([tokens](tokens.md#names-of-claims)).";
inline constexpr std::string_view kUserClaimDoc = "The claim that names the user.";
inline constexpr std::string_view kChannelsClaimDoc =
    "The claim with the channels that the token permits: a list, or a text with spaces between the "
    "names, as `scope` is.";
inline constexpr std::string_view kInfoClaimDoc =
    "The claim that other clients are shown as `conn_info`: any JSON (`limits.info_bytes`).";
inline constexpr std::string_view kUserPrefixDoc =
    "Put before the user and the session, so that two issuers cannot name the same. An issuer's token "
    "whose names then begin with a longer prefix of another issuer is refused.";
inline constexpr std::string_view kLogoutAudienceDoc =
    "The `aud` of this issuer's logout tokens and security events: one of these, usually the client id "
    "of your application there. Setting it opens `/auth/backchannel-logout` and "
    "`/auth/security-events` to the issuer ([logout](logout.md)). Needs `issuer`. Empty: it may not end "
    "sessions.";
inline constexpr std::string_view kLogoutByDoc =
    "What a logout token with both `sid` and `sub` ends: `session`, the one session of that `sid`; or "
    "`user`, all sessions of the user, for providers whose access tokens do not have `sid`.";
inline constexpr std::string_view kLeewayDoc =
    "How far clocks may differ when usher checks `exp`, `nbf` and `iat`.";

}  // namespace usher::config
