#include "auth/jwt_signer.h"

#include <gtest/gtest.h>

#include "auth/jwt_test_keys.h"
#include "auth/jwt_verifier.h"
#include "base/bytes.h"
#include "support/print_result.h"

namespace usher::auth {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};

TEST(JwtSignerTest, PayloadKeepsOrderAndReplacesByName) {
  JwtPayload payload;
  payload.set("a", "x\"y\\\n\x01").set_number("n", -5).set_flag("f", true);
  payload.set("list", std::vector<std::string>{"b", "c*"}).set_json("o", R"({"k": [1.0]})");
  payload.set_number("a", 7);
  EXPECT_EQ(payload.json(), R"({"a":7,"n":-5,"f":true,"list":["b","c*"],"o":{"k": [1.0]}})");
  EXPECT_EQ(JwtPayload().set("a", "x\"y\\\n").json(), R"({"a":"x\"y\\\n"})");
  EXPECT_EQ(JwtPayload().json(), "{}");
}

TEST(JwtSignerTest, AClaimThatIsNoJsonCannotBeSet) {
  JwtPayload payload;
  for (const auto* json :
       {"", " ", "x", "1,", R"(1,"exp":2)", "1}", "{\"a\":1", R"({"a":1,"a":2})", "tru"}) {
    EXPECT_THROW(payload.set_json("c", json), PayloadError) << json;
  }
  EXPECT_THROW(payload.set("c", "\xff"), PayloadError);
  EXPECT_THROW(payload.set("\xc3", "c"), PayloadError);
  EXPECT_EQ(payload.json(), "{}");
}

TEST(JwtSignerTest, EveryAlgorithmsTokenIsVerifiedByItsKey) {
  for (const Algorithm algorithm : test::kAllAlgorithms) {
    const JwtSigner signer(test::signing_key(algorithm));
    const std::string token =
        signer.sign(JwtPayload().set("sessionId", "s").set_number("exp", 1'800'000'600));
    const JwtVerifier verifier({}, KeySet({test::verifying_key(algorithm)}));
    const auto claims = verifier.verify(token, kNow);
    ASSERT_TRUE(claims) << to_string(algorithm) << ": " << reason_of(claims.error());
    EXPECT_EQ(claims->session, "s");
  }
}

TEST(JwtSignerTest, HeaderNamesAlgorithmAndKid) {
  const JwtSigner signer(test::with_kid(secret_key(test::kSecret, Algorithm::hs384), "k1"));
  const std::string token = signer.sign(JwtPayload());
  EXPECT_EQ(from_base64url(token.substr(0, token.find('.'))),
            R"({"alg":"HS384","typ":"JWT","kid":"k1"})");
}

TEST(JwtSignerTest, APublicKeyCannotSign) {
  EXPECT_THROW(JwtSigner(test::verifying_key(Algorithm::rs256)), KeyError);
}

}  // namespace
}  // namespace usher::auth
