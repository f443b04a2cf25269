#include "auth/subscription_token.h"

#include <gtest/gtest.h>

#include "auth/issuer_table.h"
#include "auth/jwt_signer.h"
#include "auth/jwt_test_keys.h"
#include "auth/jwt_verifier.h"
#include "support/print_result.h"

namespace usher::auth {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};
constexpr const char* kHeader = R"({"alg":"HS256"})";

std::string signed_by(std::string_view secret, const std::string& payload) {
  return JwtSigner(secret_key(std::string(secret))).sign_raw(kHeader, payload);
}

class SubscriptionTokenTest : public testing::Test {
 protected:
  SubscriptionToken read(const std::string& json) {
    const auto token = read_subscription(json, options, kNow);
    EXPECT_TRUE(token) << json;
    return token ? *token : SubscriptionToken();
  }
  TokenError fault(const std::string& json) {
    const auto token = read_subscription(json, options, kNow);
    EXPECT_FALSE(token) << json;
    return token ? TokenError{0xff} : token.error();
  }

  JwtOptions options{.info_bytes = 16};
};

TEST_F(SubscriptionTokenTest, HasCentrifugosClaims) {
  EXPECT_EQ(read(R"({"sub":"ada","channel":"orders:7","client":"c1","exp":1800000060,)"
                 R"("info":{"seat": 4},"data":[1],"iat":1,"jti":"j","custom":{"x":1}})"),
            (SubscriptionToken{.user = "ada",
                               .channel = "orders:7",
                               .client = "c1",
                               .info = R"({"seat": 4})",
                               .data = "[1]",
                               .jti = "j",
                               .iat = 1,
                               .expire_at = 1'800'000'060}));
  EXPECT_EQ(read(R"({"channel":"a:1"})"), (SubscriptionToken{.channel = "a:1"}));
  EXPECT_EQ(read(R"({"sub":"","channel":"a:1","info":null,"client":null,"expire_at":null})"),
            (SubscriptionToken{.channel = "a:1"}));
}

TEST_F(SubscriptionTokenTest, Base64IsDecodedAndMustBeJson) {
  EXPECT_EQ(read(R"({"channel":"a","b64info":"eyJhIjoxfQ==","b64data":"WzFd"})"),
            (SubscriptionToken{.channel = "a", .info = R"({"a":1})", .data = "[1]"}));
  for (const char* const bad :
       {R"("b64info":"!!")", R"("b64info":"eyJh")", R"("b64data":7)", R"("b64data":"WzFd=")"}) {
    EXPECT_EQ(fault(R"({"channel":"a",)" + std::string(bad) + "}"), TokenError::claim_malformed)
        << bad;
  }
}

TEST_F(SubscriptionTokenTest, TheEndIsThatOfTheTokenUnlessItSaysAnother) {
  EXPECT_EQ(read(R"({"channel":"a"})").expire_at, std::nullopt);
  EXPECT_EQ(read(R"({"channel":"a","exp":1800000060.9})").expire_at, 1'800'000'060);
  EXPECT_EQ(read(R"({"channel":"a","exp":1800000060,"expire_at":0})").expire_at, std::nullopt);
  EXPECT_EQ(read(R"({"channel":"a","exp":1800000060,"expire_at":1800009999})").expire_at,
            1'800'009'999);
  EXPECT_EQ(read(R"({"channel":"a","expire_at":5})").expire_at, 5) << "the hub refuses it: 110";
  // Within its leeway it is good for one moment, in which the client can fetch another.
  EXPECT_EQ(read(R"({"channel":"a","exp":1799999999})").expire_at, 1'800'000'001);
}

TEST_F(SubscriptionTokenTest, EachFaultIsRefused) {
  struct Row {
    const char* json;
    TokenError error;
  };
  const Row rows[] = {
      {R"({"sub":"ada"})", TokenError::no_channel},
      {R"({"sub":"ada","channel":""})", TokenError::no_channel},
      {R"({"sub":"ada","channel":null})", TokenError::no_channel},
      {R"({"channel":"a","exp":1799999970})", TokenError::expired},
      {R"({"channel":"a","exp":0})", TokenError::expired},
      {R"({"channel":"a","nbf":1800000031})", TokenError::not_yet_valid},
      {R"({"channel":"a","override":{"presence":{"value":true}}})", TokenError::override_refused},
      {R"({"channel":"a","override":{}})", TokenError::override_refused},
      {R"({"channel":7})", TokenError::claim_malformed},
      {R"({"channel":["a"]})", TokenError::claim_malformed},
      {R"({"channel":"a\u0000"})", TokenError::claim_malformed},
      {R"({"channel":"a","sub":7})", TokenError::claim_malformed},
      {R"({"channel":"a","client":7})", TokenError::claim_malformed},
      {R"({"channel":"a","exp":"1800000060"})", TokenError::claim_malformed},
      {R"({"channel":"a","exp":-1})", TokenError::claim_malformed},
      {R"({"channel":"a","expire_at":"0"})", TokenError::claim_malformed},
      {R"({"channel":"a","expire_at":1800000060000})", TokenError::claim_malformed},
      {R"({"channel":"a","info":"12345678901234567"})", TokenError::claim_malformed},
      {R"({"channel":"a","channel":"b"})", TokenError::duplicate_member},
      {R"(["channel"])", TokenError::not_json},
  };
  for (const Row& row : rows) EXPECT_EQ(fault(row.json), row.error) << row.json;
  EXPECT_EQ(read(R"({"channel":"a","exp":1799999971})").channel, "a");
  EXPECT_EQ(read(R"({"channel":"a","nbf":1800000030})").channel, "a");
  EXPECT_EQ(read(R"({"channel":"a","override":null})").channel, "a");
}

TEST_F(SubscriptionTokenTest, OnlyAnIssuersKeyVerifiesOne) {
  const std::string guests(32, 'g');
  KeySet issuer_keys;
  issuer_keys.add(secret_key(test::kSecret));
  KeySet guest_keys;
  guest_keys.add(secret_key(guests));
  const JwtVerifier verifier(options, issuer_keys, guest_keys);
  const std::string payload = R"({"channel":"a:1"})";
  const auto good =
      verify_subscription(verifier.issuers(), signed_by(test::kSecret, payload), kNow);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->channel, "a:1");
  EXPECT_EQ(verify_subscription(verifier.issuers(), signed_by(guests, payload), kNow).error(),
            TokenError::not_a_guest);
  EXPECT_EQ(verify_subscription(verifier.issuers(), signed_by(std::string(32, 'x'), payload), kNow)
                .error(),
            TokenError::signature);
  EXPECT_EQ(verify_subscription(verifier.issuers(), "a.b", kNow).error(),
            TokenError::not_three_parts);
}

// Whatever the two kinds have in common: neither passes for the other.
TEST_F(SubscriptionTokenTest, NeitherKindOfTokenPassesForTheOther) {
  options.session_claim = {"sub"};
  KeySet keys;
  keys.add(secret_key(test::kSecret));
  const JwtVerifier verifier(options, keys);
  const std::string subscription =
      signed_by(test::kSecret, R"({"sub":"ada","channel":"a:1","exp":1800000060})");
  const std::string access = signed_by(test::kSecret, R"({"sub":"ada","exp":1800000060})");
  EXPECT_EQ(verifier.verify(subscription, kNow).error(), TokenError::is_for_subscription);
  EXPECT_EQ(verify_subscription(verifier.issuers(), access, kNow).error(), TokenError::no_channel);
  EXPECT_TRUE(verifier.verify(access, kNow));
  EXPECT_TRUE(verify_subscription(verifier.issuers(), subscription, kNow));
}

}  // namespace
}  // namespace usher::auth
