#include "doors/identity_headers.h"

#include <gtest/gtest.h>

#include <map>

#include "auth/jwt_verifier.h"
#include "base/bytes.h"

namespace usher::doors {
namespace {

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
constexpr WallTime kNow{std::chrono::seconds(1'000'000)};
constexpr DoorIdentity kAda{"s1", "ada", "00ff00ff00ff00ff", R"({"org":7,"plan":"pro"})"};

using Map = std::map<std::string, std::string>;

Map fields_of(const IdentityHeaders& headers, const DoorIdentity& who) {
  const auto fields = headers.fields(who, kNow);
  return {fields.begin(), fields.end()};
}

IdentityHeaders signing() { return IdentityHeaders({{}, "board", auth::secret_key(kSecret)}); }

TEST(IdentityHeaders, NameSessionUserAndClient) {
  EXPECT_EQ(fields_of(IdentityHeaders({}), kAda), (Map{{"X-Usher-Session", "s1"},
                                                       {"X-Usher-User", "ada"},
                                                       {"X-Usher-Client", "00ff00ff00ff00ff"}}));
}

TEST(IdentityHeaders, AGuestHasNoUser) {
  DoorIdentity guest = kAda;
  guest.user = "";
  EXPECT_FALSE(fields_of(signing(), guest).contains("X-Usher-User"));
}

TEST(IdentityHeaders, NamesAreVisibleAscii) {
  DoorIdentity who = kAda;
  who.session = "100% a\r\nX-Usher-User: eve";
  who.user = "Zo\xc3\xab~!";
  const Map fields = fields_of(IdentityHeaders({}), who);
  EXPECT_EQ(fields.at("X-Usher-Session"), "100%25%20a%0D%0AX-Usher-User:%20eve");
  EXPECT_EQ(fields.at("X-Usher-User"), "Zo%C3%AB~!");
}

TEST(IdentityHeaders, EveryByteIsVisibleOrEncoded) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = percent_encoded(std::string(1, static_cast<char>(byte)));
    const bool is_plain = byte > 0x20 && byte < 0x7f && byte != '%';
    EXPECT_EQ(text.size(), is_plain ? 1 : 3) << byte;
  }
}

TEST(IdentityHeaders, HaveOnlyTheClaimsThatAreNamed) {
  const Map fields = fields_of(IdentityHeaders({{"plan", "role"}, {}, {}}), kAda);
  EXPECT_EQ(from_base64url(fields.at("X-Usher-Claims")), R"({"plan":"pro"})");
}

TEST(IdentityHeaders, AreWithoutClaimsWhereNoneIsNamedOrThere) {
  DoorIdentity bare = kAda;
  bare.claims = "";
  EXPECT_FALSE(fields_of(IdentityHeaders({{"plan"}, {}, {}}), bare).contains("X-Usher-Claims"));
  EXPECT_FALSE(fields_of(IdentityHeaders({{"role"}, {}, {}}), kAda).contains("X-Usher-Claims"));
  EXPECT_FALSE(fields_of(IdentityHeaders({}), kAda).contains("X-Usher-Claims"));
}

TEST(IdentityHeaders, TheSignedIdentityIsATokenForTheUpstreamFor60Seconds) {
  const std::string token = fields_of(signing(), kAda).at("X-Usher-Identity");
  const auth::JwtVerifier verifier({.issuer = "usher", .audience = {"board"}, .leeway = {}},
                                   auth::KeySet({auth::secret_key(kSecret)}));
  const auto claims = verifier.verify(token, kNow + std::chrono::seconds(59));
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(claims->session, "s1");
  EXPECT_EQ(claims->user, "ada");
  EXPECT_EQ(claims->iat, 1'000'000);
  EXPECT_EQ(claims->exp, 1'000'060);
  EXPECT_EQ(verifier.verify(token, kNow + std::chrono::seconds(60)).error(),
            auth::TokenError::expired);
}

TEST(IdentityHeaders, TheSignedIdentityOfAGuestHasNoSub) {
  DoorIdentity guest = kAda;
  guest.user = "";
  const std::string token = fields_of(signing(), guest).at("X-Usher-Identity");
  EXPECT_EQ(auth::payload_of(token),
            R"({"iss":"usher","aud":"board","sessionId":"s1","iat":1000000,"exp":1000060})");
}

TEST(IdentityHeaders, ThereIsNoSignedIdentityWithoutASecret) {
  EXPECT_FALSE(fields_of(IdentityHeaders({{}, "board", {}}), kAda).contains("X-Usher-Identity"));
}

TEST(IdentityHeaders, KnowTheNamesThatOnlyUsherMaySay) {
  for (const char* name : {"X-Usher-User", "x-usher-user", "X-USHER-ANYTHING", "X_Usher_User",
                           "x-usher_user", "X.Usher.User", "X-Usher-"}) {
    EXPECT_TRUE(is_identity_field(name)) << name;
  }
  for (const char* name : {"X-Usher", "X-Ushers-User", "XUsher-User", "Usher-User", "X-User", "",
                           "X--Usher-User", "AX-Usher-User"}) {
    EXPECT_FALSE(is_identity_field(name)) << name;
  }
}

}  // namespace
}  // namespace usher::doors
