#include "apps/provider_tokens.h"

#include <charconv>
#include <string>

namespace usher::apps {
namespace {

constexpr ExampleClaim kAuth0[] = {
    {"iss", R"("https://acme.eu.auth0.com/")"},
    {"sub", R"("auth0|65f1c0a9e4b0d7a1c2d3e4f5")"},
    {"aud", R"(["https://chat.acme.example", "https://acme.eu.auth0.com/userinfo"])"},
    {"iat", "now"},
    {"exp", "exp"},
    {"scope", R"("openid profile email offline_access")"},
    {"azp", R"("K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja")"},
};

config::IssuerConfig auth0_settings() {
  config::IssuerConfig issuer;
  issuer.issuer = "https://acme.eu.auth0.com/";
  issuer.audience = {"https://chat.acme.example"};
  issuer.session_claim = {"https://acme.example/session", "sub"};
  return issuer;
}

constexpr ExampleClaim kFirebase[] = {
    {"name", R"("Ada Lovelace")"},
    {"iss", R"("https://securetoken.google.com/acme-chat")"},
    {"aud", R"("acme-chat")"},
    {"auth_time", "now-600"},
    {"user_id", R"("w7kPq2TzVNfQ0c1hXb5dE3yRmA82")"},
    {"sub", R"("w7kPq2TzVNfQ0c1hXb5dE3yRmA82")"},
    {"iat", "now"},
    {"exp", "exp"},
    {"email", R"("ada@acme.example")"},
    {"email_verified", "true"},
    {"firebase",
     R"({"identities": {"email": ["ada@acme.example"]}, "sign_in_provider": "password"})"},
};

config::IssuerConfig firebase_settings() {
  config::IssuerConfig issuer;
  issuer.issuer = "https://securetoken.google.com/acme-chat";
  issuer.audience = {"acme-chat"};
  issuer.session_claim = {"sub"};
  return issuer;
}

constexpr ExampleClaim kKeycloak[] = {
    {"exp", "exp"},
    {"iat", "now"},
    {"auth_time", "now-1"},
    {"jti", R"("onrtac:2f0c8d1e-6b7a-4c3d-9e5f-a1b2c3d4e5f6")"},
    {"iss", R"("https://id.acme.example/realms/acme")"},
    {"aud", R"("account")"},
    {"sub", R"("36fa0f91-f94d-4a0c-afed-6b7d952e47da")"},
    {"typ", R"("Bearer")"},
    {"azp", R"("chat")"},
    {"sid", R"("2a88c258-f73a-4103-b862-e1fbd8f4e04e")"},
    {"acr", R"("1")"},
    {"allowed-origins", R"(["https://chat.acme.example"])"},
    {"realm_access", R"({"roles": ["offline_access", "default-roles-acme", "uma_authorization"]})"},
    {"resource_access", R"({"account": {"roles": ["manage-account", "view-profile"]}})"},
    {"scope", R"("openid email profile")"},
    {"email_verified", "true"},
    {"name", R"("Ada Lovelace")"},
    {"preferred_username", R"("ada")"},
    {"email", R"("ada@acme.example")"},
};

config::IssuerConfig keycloak_settings() {
  config::IssuerConfig issuer;
  issuer.issuer = "https://id.acme.example/realms/acme";
  issuer.audience = {"chat"};
  issuer.audience_claim = "azp";
  return issuer;
}

constexpr ExampleClaim kCognito[] = {
    {"sub", R"("93f4a8c2-5041-70aa-5f1e-2c7b1d9e0f33")"},
    {"iss", R"("https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI")"},
    {"client_id", R"("4h57i8kq2m9s0t1u2v3w4x5y6z")"},
    {"origin_jti", R"("3f0a6c1b-8d2e-4b7f-9a5c-1e2d3c4b5a69")"},
    {"event_id", R"("b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e")"},
    {"token_use", R"("access")"},
    {"scope", R"("openid profile email")"},
    {"auth_time", "now"},
    {"iat", "now"},
    {"exp", "exp"},
    {"jti", R"("7e6d5c4b-3a29-4817-8605-f4e3d2c1b0a9")"},
    {"username", R"("ada")"},
};

config::IssuerConfig cognito_settings() {
  config::IssuerConfig issuer;
  issuer.issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI";
  issuer.audience = {"4h57i8kq2m9s0t1u2v3w4x5y6z"};
  issuer.audience_claim = "client_id";
  issuer.session_claim = {"origin_jti"};
  return issuer;
}

constexpr ExampleClaim kEntra[] = {
    {"aud", R"("6e74172b-be56-4843-9ff4-e66a39bb12e3")"},
    {"iss", R"("https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0")"},
    {"iat", "now"},
    {"nbf", "now"},
    {"exp", "exp"},
    {"aio", R"("AXQAi/8IAAAAtQyHgd3kZb0mWc9pK1xA")"},
    {"azp", R"("b9f1d5a0-2c3e-4f6a-8b7c-9d0e1f2a3b4c")"},
    {"azpacr", R"("0")"},
    {"name", R"("Ada Lovelace")"},
    {"oid", R"("690222be-ff1a-4d56-abd1-7e4f7d38e474")"},
    {"preferred_username", R"("ada@acme.example")"},
    {"rh", R"("0.AVQAv4j5cvGGr0GRqy180BHbRysXdG5WvkNIn_TmajObEuNUAAA.")"},
    {"scp", R"("access_as_user")"},
    {"sid", R"("00a1b2c3-d4e5-4f60-8718-293a4b5c6d7e")"},
    {"sub", R"("HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ")"},
    {"tid", R"("72f988bf-86f1-41af-91ab-2d7cd011db47")"},
    {"uti", R"("fqiBqXLPj0eQa82S-IYFAA")"},
    {"ver", R"("2.0")"},
};

config::IssuerConfig entra_settings() {
  config::IssuerConfig issuer;
  issuer.issuer = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";
  issuer.audience = {"6e74172b-be56-4843-9ff4-e66a39bb12e3"};
  issuer.session_claim = {"sid", "oid"};
  issuer.user_claim = "oid";
  return issuer;
}

constexpr ExampleClaim kSupabase[] = {
    {"iss", R"("https://abcdefghijklmnopqrst.supabase.co/auth/v1")"},
    {"sub", R"("5e0f2f1c-9f4e-4a5b-8a51-0b7f9f5e2c3d")"},
    {"aud", R"("authenticated")"},
    {"exp", "exp"},
    {"iat", "now"},
    {"email", R"("ada@acme.example")"},
    {"phone", R"("")"},
    {"app_metadata", R"({"provider": "email", "providers": ["email"]})"},
    {"user_metadata", R"({"name": "Ada"})"},
    {"role", R"("authenticated")"},
    {"aal", R"("aal1")"},
    {"amr", R"([{"method": "password", "timestamp": 1767225600}])"},
    {"session_id", R"("c6d7e8f9-0a1b-4c2d-9e3f-405162738495")"},
    {"is_anonymous", "false"},
};

config::IssuerConfig supabase_settings() {
  config::IssuerConfig issuer;
  issuer.issuer = "https://abcdefghijklmnopqrst.supabase.co/auth/v1";
  issuer.audience = {"authenticated"};
  issuer.session_claim = {"session_id"};
  return issuer;
}

constexpr ExampleClaim kClerk[] = {
    {"azp", R"("https://chat.acme.example")"},
    {"exp", "exp"},
    {"fva", "[7, -1]"},
    {"iat", "now"},
    {"iss", R"("https://clerk.acme.example")"},
    {"jti", R"("3d1f0b5a7c9e2d4f6a8b")"},
    {"nbf", "now-10"},
    {"sid", R"("sess_2pVr0C3uN8mQeXyZ4bKdTfGhJlA")"},
    {"sts", R"("active")"},
    {"sub", R"("user_2pVqzQ7wE1rT5yUiOpAsDfGhJkL")"},
    {"v", "2"},
};

config::IssuerConfig clerk_settings() {
  config::IssuerConfig issuer;
  issuer.issuer = "https://clerk.acme.example";
  issuer.audience = {"https://chat.acme.example", "https://www.acme.example"};
  issuer.audience_claim = "azp";
  return issuer;
}

constexpr ExampleClaim kOkta[] = {
    {"ver", "1"},
    {"jti", R"("AT.MNAoEQ_jbKqoinrQo1D0XKjMX28U5d7ZszBceot7-Ts")"},
    {"iss", R"("https://acme.okta.com/oauth2/default")"},
    {"aud", R"("api://default")"},
    {"iat", "now"},
    {"exp", "exp"},
    {"cid", R"("0oa1b2c3d4E5F6G7h8i9")"},
    {"uid", R"("00u1a2b3c4D5E6F7g8h9")"},
    {"scp", R"(["openid", "profile", "email"])"},
    {"auth_time", "now-100"},
    {"sub", R"("ada@acme.example")"},
};

config::IssuerConfig okta_settings() {
  config::IssuerConfig issuer;
  issuer.issuer = "https://acme.okta.com/oauth2/default";
  issuer.audience = {"api://default"};
  issuer.session_claim = {"sid", "uid"};
  issuer.user_claim = "uid";
  return issuer;
}

constexpr Provider kProviders[] = {
    {"auth0", kAuth0, auth0_settings, "https://acme.eu.auth0.com/.well-known/jwks.json"},
    {"firebase", kFirebase, firebase_settings,
     "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"},
    {"keycloak", kKeycloak, keycloak_settings,
     "https://id.acme.example/realms/acme/protocol/openid-connect/certs"},
    {"cognito", kCognito, cognito_settings,
     "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI/.well-known/jwks.json"},
    {"entra", kEntra, entra_settings,
     "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/discovery/v2.0/keys"},
    {"supabase", kSupabase, supabase_settings,
     "https://abcdefghijklmnopqrst.supabase.co/auth/v1/.well-known/jwks.json"},
    {"clerk", kClerk, clerk_settings, "https://clerk.acme.example/.well-known/jwks.json"},
    {"okta", kOkta, okta_settings, "https://acme.okta.com/oauth2/default/v1/keys"},
};

}  // namespace

std::span<const Provider> providers() { return kProviders; }

auth::JwtPayload example_payload(const Provider& provider, std::int64_t now, std::int64_t exp) {
  auth::JwtPayload payload;
  for (const ExampleClaim& claim : provider.payload) {
    if (claim.json == "exp") {
      payload.set_number(claim.name, exp);
    } else if (claim.json.starts_with("now")) {
      const std::string_view shift = claim.json.substr(3);
      std::int64_t seconds = 0;
      std::from_chars(shift.data(), shift.data() + shift.size(), seconds);
      payload.set_number(claim.name, now + seconds);
    } else {
      payload.set_json(claim.name, claim.json);
    }
  }
  return payload;
}

}  // namespace usher::apps
