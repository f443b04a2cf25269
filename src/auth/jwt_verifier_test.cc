#include "auth/jwt_verifier.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "auth/jwt_signer.h"
#include "auth/jwt_test_keys.h"
#include "base/bytes.h"
#include "support/print_result.h"

namespace usher::auth {
namespace {

using test::public_key_from_pem;
using test::signing_key;
using test::verifying_key;
using test::with_kid;

constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};
constexpr auto* kPayload = R"({"sessionId":"s1","sub":"ada","exp":1800000600})";

std::string token_by(const Key& key, const std::string& header,
                     const std::string& payload = kPayload) {
  return JwtSigner(key).sign_raw(header, payload);
}

std::string header_of(const char* alg, const char* kid = nullptr) {
  return R"({"alg":")" + std::string(alg) + (kid ? R"(","kid":")" + std::string(kid) : "") + "\"}";
}

TokenError refusal(const JwtVerifier& verifier, const std::string& token) {
  const auto claims = verifier.verify(token, kNow);
  EXPECT_FALSE(claims) << token;
  return claims ? TokenError{0xff} : claims.error();
}

const std::string kGood = token_by(secret_key(test::kSecret), header_of("HS256"));

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

// The same token with one part put in another's place. 0: header, 1: payload, 2: signature.
std::string with_part(int index, const std::string& part, std::string token = kGood) {
  const auto first = token.find('.');
  const auto second = token.rfind('.');
  std::string parts[] = {token.substr(0, first), token.substr(first + 1, second - first - 1),
                         token.substr(second + 1)};
  parts[index] = part;
  return parts[0] + "." + parts[1] + "." + parts[2];
}

std::string part_of(const std::string& token, int index) {
  const auto first = token.find('.');
  const auto second = token.rfind('.');
  if (index == 0) return token.substr(0, first);
  return index == 1 ? token.substr(first + 1, second - first - 1) : token.substr(second + 1);
}

struct Forgery {
  const char* name;
  std::string token;
  TokenError expected;
};

// All by somebody who may even know the secret: whatever is wrong with the form is refused before
// its signature.
std::vector<Forgery> forgeries_of_form() {
  const Key key = secret_key(test::kSecret);
  const auto signed_with = [&](const char* header) { return token_by(key, header); };
  const std::string last = part_of(kGood, 2);
  using enum TokenError;
  return {
      {"empty", "", not_three_parts},
      {"no dot", "abc", not_three_parts},
      {"one dot", part_of(kGood, 0) + "." + part_of(kGood, 1), not_three_parts},
      {"three dots", kGood + ".", not_three_parts},
      {"JWE", "eyJhbGciOiJkaXIifQ.a.b.c.d", not_three_parts},
      {"dots alone", "..", not_base64url},
      {"no header", with_part(0, ""), not_base64url},
      {"no payload", with_part(1, ""), not_base64url},
      {"signature stripped", with_part(2, ""), not_base64url},
      {"blank before", " " + kGood, not_base64url},
      {"line break behind", kGood + "\n", not_base64url},
      {"NUL behind", kGood + '\0', not_base64url},
      {"Bearer before", "Bearer " + kGood, not_base64url},
      {"padded signature", kGood + "=", not_base64url},
      {"padded header", with_part(0, part_of(kGood, 0) + "=="), not_base64url},
      {"unused bits set", with_part(2, last.substr(0, 42) + static_cast<char>(last[42] + 1)),
       not_base64url},
      {"base64 alphabet", with_part(2, "+/" + last.substr(2)), not_base64url},
      {"length 1 mod 4", with_part(2, last.substr(0, 41)), not_base64url},
      {"header no JSON", signed_with("alg:HS256"), not_json},
      {"header an array", signed_with(R"(["alg","HS256"])"), not_json},
      {"header with a tail", signed_with(R"({"alg":"HS256"}{})"), not_json},
      {"header not UTF-8", signed_with("{\"alg\":\"HS256\",\"x\":\"\xc0\x80\"}"), not_json},
      {"alg twice", signed_with(R"({"alg":"HS256","alg":"HS256"})"), duplicate_member},
      {"alg twice, escaped", signed_with(R"({"alg":"HS256","\u0061lg":"none"})"), duplicate_member},
      {"twice, deep", signed_with(R"({"alg":"HS256","x":[{"y":1,"y":2}]})"), duplicate_member},
      {"no alg", signed_with(R"({"typ":"JWT"})"), header_malformed},
      {"alg null", signed_with(R"({"alg":null})"), header_malformed},
      {"alg a list", signed_with(R"({"alg":["HS256"]})"), header_malformed},
      {"kid a number", signed_with(R"({"alg":"HS256","kid":7})"), header_malformed},
      {"typ a list", signed_with(R"({"alg":"HS256","typ":["JWT"]})"), header_malformed},
      {"crit", signed_with(R"({"alg":"HS256","crit":["exp"],"exp":1})"), header_refused},
      {"crit empty", signed_with(R"({"alg":"HS256","crit":[]})"), header_refused},
      {"b64 false", signed_with(R"({"alg":"HS256","b64":false,"crit":["b64"]})"), header_refused},
      {"b64 true", signed_with(R"({"alg":"HS256","b64":true})"), header_refused},
      {"jwk", signed_with(R"({"alg":"HS256","jwk":{"kty":"oct","k":"AA"}})"), header_refused},
      {"jku", signed_with(R"({"alg":"HS256","jku":"https://evil.example/k"})"), header_refused},
      {"x5u", signed_with(R"({"alg":"HS256","x5u":"https://evil.example/c"})"), header_refused},
      {"x5c", signed_with(R"({"alg":"HS256","x5c":["MIIB"]})"), header_refused},
      {"typ logout+jwt", signed_with(R"({"alg":"HS256","typ":"logout+jwt"})"), type_refused},
      {"typ JWE", signed_with(R"({"alg":"HS256","typ":"JWE"})"), type_refused},
      {"alg none", with_part(0, to_base64url(R"({"alg":"none"})")), algorithm},
      {"alg NoNe", with_part(0, to_base64url(R"({"alg":"NoNe"})")), algorithm},
      {"alg of JWE", with_part(0, to_base64url(R"({"alg":"A128KW"})")), algorithm},
  };
}

TEST(JwtVerifierTest, EachForgeryOfFormIsRefusedForItsOwnReason) {
  const JwtVerifier verifier({}, KeySet({secret_key(test::kSecret)}));
  ASSERT_TRUE(verifier.verify(kGood, kNow));
  for (const Forgery& forgery : forgeries_of_form()) {
    EXPECT_EQ(refusal(verifier, forgery.token), forgery.expected) << forgery.name;
  }
}

TEST(JwtVerifierTest, NoneIsRefusedWithoutASignatureToo) {
  const JwtVerifier verifier({}, KeySet({secret_key(test::kSecret)}));
  const std::string unsigned_token =
      to_base64url(R"({"alg":"none"})") + "." + to_base64url(kPayload);
  EXPECT_EQ(refusal(verifier, unsigned_token + "."), TokenError::not_base64url);
  EXPECT_EQ(refusal(verifier, unsigned_token + ".AA"), TokenError::algorithm);
}

TEST(JwtVerifierTest, ATokenHasAtMostEightKib) {
  const Key key = secret_key(test::kSecret);
  const JwtVerifier verifier({}, KeySet({key}));
  const auto of_size = [&](std::size_t size) {
    const std::string frame =
        token_by(key, header_of("HS256"), R"({"sid":"s","exp":1800000600,"x":""})");
    std::string text((size - frame.size()) * 3 / 4, 'x');
    return token_by(key, header_of("HS256"), R"({"sid":"s","exp":1800000600,"x":")" + text + "\"}");
  };
  EXPECT_EQ(of_size(kTokenBytesMax).size(), kTokenBytesMax);
  EXPECT_TRUE(verifier.verify(of_size(kTokenBytesMax), kNow));
  EXPECT_EQ(refusal(verifier, of_size(kTokenBytesMax + 2)), TokenError::too_long);
  EXPECT_EQ(refusal(verifier, std::string(kTokenBytesMax, '.')), TokenError::not_three_parts);
  EXPECT_EQ(refusal(verifier, std::string(kTokenBytesMax + 1, '.')), TokenError::too_long);
}

TEST(JwtVerifierTest, NoBitOfAGoodTokenMayChange) {
  const JwtVerifier verifier({}, KeySet({secret_key(test::kSecret)}));
  for (std::size_t i = 0; i < kGood.size(); ++i) {
    for (const int bit : {1, 2, 4, 8, 16, 32, 64, 128}) {
      std::string forged = kGood;
      forged[i] = static_cast<char>(forged[i] ^ bit);
      EXPECT_FALSE(verifier.verify(forged, kNow)) << i;
    }
  }
}

TEST(JwtVerifierTest, APublicKeyIsNeverASecret) {
  const std::string& pem = test::pem_for(KeyKind::rsa).public_pem;
  const JwtVerifier verifier({}, KeySet({public_key_from_pem(pem)}));
  for (const auto& secret : {pem, pem.substr(0, pem.size() - 1)}) {
    for (const auto* alg : {"HS256", "HS384", "HS512"}) {
      const Key forger = secret_key(secret, *algorithm_from(alg));
      EXPECT_EQ(refusal(verifier, token_by(forger, header_of(alg))), TokenError::algorithm);
    }
  }
}

// Signed well, each with its own key: only the name in the header differs from what the key is for.
TEST(JwtVerifierTest, NoKeyServesAnAlgorithmThatIsNotItsOwn) {
  for (const Algorithm own : test::kAllAlgorithms) {
    const JwtVerifier verifier({}, KeySet({verifying_key(own)}));
    for (const Algorithm other : test::kAllAlgorithms) {
      const std::string name(to_string(other));
      const auto honest =
          verifier.verify(token_by(signing_key(other), header_of(name.c_str())), kNow);
      EXPECT_EQ(honest.has_value(), own == other) << to_string(own) << " " << name;
      if (own == other) continue;
      EXPECT_EQ(honest.error(), TokenError::algorithm);
      const auto lying = token_by(signing_key(own), header_of(name.c_str()));
      EXPECT_EQ(refusal(verifier, lying), TokenError::algorithm) << to_string(own) << " " << name;
      const auto other_way =
          token_by(signing_key(other), header_of(std::string(to_string(own)).c_str()));
      const bool same_cryptography = kind_of(own) == kind_of(other) &&
                                     hash_of(own) == hash_of(other) && is_pss(own) == is_pss(other);
      ASSERT_FALSE(same_cryptography);
      EXPECT_EQ(refusal(verifier, other_way), TokenError::signature)
          << to_string(own) << " " << name;
    }
  }
}

TEST(JwtVerifierTest, AnAsn1SignatureIsNotAnEs256Signature) {
  // 64 bytes of JWS, wrapped as OpenSSL would write them: longer, and refused by length alone.
  const JwtVerifier verifier({}, KeySet({verifying_key(Algorithm::es256)}));
  const std::string token = token_by(signing_key(Algorithm::es256), header_of("ES256"));
  const std::string raw = *from_base64url(part_of(token, 2));
  ASSERT_EQ(raw.size(), 64u);
  EXPECT_EQ(refusal(verifier, with_part(2, to_base64url(std::string("\x30\x44", 2) + raw), token)),
            TokenError::signature);
  EXPECT_EQ(refusal(verifier, with_part(2, to_base64url(std::string(64, '\0')), token)),
            TokenError::signature);  // r = s = 0: CVE-2022-21449
  const std::string swapped = raw.substr(32) + raw.substr(0, 32);
  EXPECT_EQ(refusal(verifier, with_part(2, to_base64url(swapped), token)), TokenError::signature);
}

TEST(JwtVerifierTest, AKidNamesTheOnlyKeyThatIsTried) {
  const Key a = with_kid(secret_key(test::kSecret), "a");
  const Key b = with_kid(secret_key(test::kOtherSecret), "b");
  const JwtVerifier verifier({}, KeySet({a, b, with_kid(verifying_key(Algorithm::es256), "c")}));
  EXPECT_TRUE(verifier.verify(token_by(a, header_of("HS256", "a")), kNow));
  EXPECT_TRUE(verifier.verify(token_by(b, header_of("HS256", "b")), kNow));
  EXPECT_EQ(refusal(verifier, token_by(a, header_of("HS256", "b"))), TokenError::signature);
  EXPECT_EQ(refusal(verifier, token_by(a, header_of("HS256", "c"))), TokenError::algorithm);
  for (const auto* kid : {"d", "A", "", "a ", "a\\u0000", "../a"}) {
    EXPECT_EQ(refusal(verifier, token_by(a, header_of("HS256", kid))), TokenError::unknown_key)
        << kid;
  }
}

TEST(JwtVerifierTest, WithoutAKidEveryKeyOfThatAlgorithmIsTried) {
  const Key a = with_kid(secret_key(test::kSecret), "a");
  const Key b = with_kid(secret_key(test::kOtherSecret), "b");
  const JwtVerifier verifier({}, KeySet({a, with_kid(verifying_key(Algorithm::es256), "c"), b}));
  EXPECT_TRUE(verifier.verify(token_by(b, header_of("HS256")), kNow));
  EXPECT_TRUE(verifier.verify(token_by(signing_key(Algorithm::es256), header_of("ES256")), kNow));
  const Key stranger = secret_key(std::string(32, 's'));
  EXPECT_EQ(refusal(verifier, token_by(stranger, header_of("HS256"))), TokenError::signature);
  EXPECT_EQ(refusal(verifier, token_by(signing_key(Algorithm::rs256), header_of("RS256"))),
            TokenError::algorithm);
}

TEST(JwtVerifierTest, AKeyWithoutAKidAnswersToAnyOfThem) {
  const JwtVerifier lone({}, KeySet({verifying_key(Algorithm::es256)}));
  EXPECT_TRUE(lone.verify(token_by(signing_key(Algorithm::es256), header_of("ES256", "x")), kNow));
  const Key stranger = private_key_from_pem(test::make_ec("P-256").private_pem);
  EXPECT_EQ(refusal(lone, token_by(stranger, header_of("ES256", "x"))), TokenError::signature);
  EXPECT_EQ(refusal(lone, token_by(secret_key(test::kSecret), header_of("HS256", "x"))),
            TokenError::algorithm);
}

TEST(JwtVerifierTest, AKidThatANewerKeySetMayKnowIsToldApart) {
  const KeySet guests({secret_key(test::kSecret)});
  const Key b = with_kid(verifying_key(Algorithm::es256), "b");
  const std::string token = token_by(signing_key(Algorithm::rs256), header_of("RS256", "new"));
  EXPECT_EQ(refusal(JwtVerifier({}, KeySet({b}), guests), token), TokenError::unknown_key);
  EXPECT_EQ(refusal(JwtVerifier({}, KeySet(), guests), token), TokenError::unknown_key);
  EXPECT_EQ(refusal(JwtVerifier({}, KeySet()), token), TokenError::unknown_key);
}

TEST(JwtVerifierTest, KeysThatShareAKidAreAllTried) {
  const Key a = with_kid(secret_key(test::kSecret), "a");
  const Key b = with_kid(secret_key(test::kOtherSecret), "a");
  const JwtVerifier verifier({}, KeySet({a, with_kid(verifying_key(Algorithm::es256), "a"), b}));
  for (const Key* key : {&a, &b}) {
    EXPECT_TRUE(verifier.verify(token_by(*key, header_of("HS256", "a")), kNow));
  }
  EXPECT_TRUE(
      verifier.verify(token_by(signing_key(Algorithm::es256), header_of("ES256", "a")), kNow));
  const Key stranger = secret_key(std::string(32, 's'));
  EXPECT_EQ(refusal(verifier, token_by(stranger, header_of("HS256", "a"))), TokenError::signature);
  EXPECT_EQ(refusal(verifier, token_by(signing_key(Algorithm::rs256), header_of("RS256", "a"))),
            TokenError::algorithm);
}

TEST(JwtVerifierTest, AKeyThatServesTwoAlgorithmsVerifiesBothAndNoThird) {
  const std::vector allowed{Algorithm::rs256, Algorithm::ps256};
  KeySet keys;
  for (Key& key : public_keys_from_pem(test::pem_for(KeyKind::rsa).public_pem, allowed)) {
    keys.add(with_kid(std::move(key), "k"));
  }
  const JwtVerifier verifier({}, keys);
  for (const Algorithm algorithm : allowed) {
    const std::string name(to_string(algorithm));
    EXPECT_TRUE(
        verifier.verify(token_by(signing_key(algorithm), header_of(name.c_str(), "k")), kNow));
  }
  EXPECT_EQ(refusal(verifier, token_by(signing_key(Algorithm::rs384), header_of("RS384", "k"))),
            TokenError::algorithm);
}

// An issuer with one key need not name it.
TEST(JwtVerifierTest, WithAKeySourceANamelessKeyMayHaveANewerOneToo) {
  const KeySet guests({secret_key(test::kSecret)});
  const KeySet nameless({verifying_key(Algorithm::es256)});
  const KeySet named({with_kid(verifying_key(Algorithm::es256), "k")});
  const JwtOptions source{.may_have_newer_keys = true};
  const Key stranger = private_key_from_pem(test::make_ec("P-256").private_pem);
  const std::string token = token_by(stranger, header_of("ES256"));
  EXPECT_EQ(refusal(JwtVerifier(source, nameless, guests), token), TokenError::unknown_key);
  EXPECT_EQ(refusal(JwtVerifier(source, KeySet(), guests), token), TokenError::unknown_key);
  EXPECT_EQ(refusal(JwtVerifier(source, named, guests), token), TokenError::signature);
  EXPECT_EQ(refusal(JwtVerifier({}, nameless, guests), token), TokenError::signature);
  const std::string with_name = token_by(stranger, header_of("ES256", "x"));
  EXPECT_EQ(refusal(JwtVerifier(source, nameless, guests), with_name), TokenError::unknown_key);
  // No issuer publishes a secret.
  const Key guest = secret_key(test::kOtherSecret);
  EXPECT_EQ(refusal(JwtVerifier(source, nameless, guests), token_by(guest, header_of("HS256"))),
            TokenError::signature);
}

TEST(JwtVerifierTest, SecretsRotateWithoutAGap) {
  const Key old_key = secret_key(test::kOtherSecret);
  const Key new_key = secret_key(test::kSecret);
  const JwtVerifier both({}, KeySet({new_key, old_key}));
  EXPECT_TRUE(both.verify(token_by(new_key, header_of("HS256")), kNow));
  EXPECT_TRUE(both.verify(token_by(old_key, header_of("HS256")), kNow));
  const JwtVerifier after({}, KeySet({new_key}));
  EXPECT_EQ(refusal(after, token_by(old_key, header_of("HS256"))), TokenError::signature);
}

TEST(JwtVerifierTest, NoClaimIsLookedAtBehindABadSignature) {
  const JwtVerifier verifier({}, KeySet({secret_key(test::kSecret)}));
  const Key stranger = secret_key(test::kOtherSecret);
  for (const auto* payload : {"{}", "not json", R"({"exp":1,"sessionId":"s"})", R"({"exp":"x"})"}) {
    EXPECT_EQ(refusal(verifier, token_by(stranger, header_of("HS256"), payload)),
              TokenError::signature);
  }
}

TEST(JwtVerifierTest, ClaimsAreJudgedBehindAGoodSignature) {
  const Key key = secret_key(test::kSecret);
  const JwtVerifier verifier({.issuer = "i", .audience = {"a"}}, KeySet({key}));
  using enum TokenError;
  const std::pair<const char*, TokenError> kTable[] = {
      {"x", not_json},
      {R"({"iss":"i","aud":"a","sid":"s"})", no_expiry},
      {R"({"iss":"i","aud":"a","sid":"s","exp":"1800000600"})", claim_malformed},
      {R"({"iss":"j","aud":"a","sid":"s","exp":1800000600})", wrong_issuer},
      {R"({"iss":"i","aud":"b","sid":"s","exp":1800000600})", wrong_audience},
      {R"({"iss":"i","aud":"a","sid":"s","exp":1800000600,"nbf":1800000031})", not_yet_valid},
      {R"({"iss":"i","aud":"a","sid":"s","exp":1799999970})", expired},
      {R"({"iss":"i","aud":"a","exp":1800000600})", missing_session},
      {R"({"iss":"i","aud":"a","sid":"","exp":1800000600})", missing_session},
      {R"({"iss":"i","aud":"a","sid":"s","sid":"t","exp":1800000600})", duplicate_member},
  };
  for (const auto& [payload, expected] : kTable) {
    EXPECT_EQ(refusal(verifier, token_by(key, header_of("HS256"), payload)), expected) << payload;
  }
}

constexpr auto* kGuestPayload = R"({"iss":"usher","guest":true,"sessionId":"g","exp":1800000600})";

TEST(JwtVerifierTest, GuestsAreToldFromOthersByTheirKey) {
  const Key issuer_key = secret_key(test::kOtherSecret);
  const Key guest_key = secret_key(test::kSecret);
  const JwtVerifier verifier({.issuer = "https://id.example"}, KeySet({issuer_key}),
                             KeySet({guest_key}));
  const auto guest = verifier.verify(token_by(guest_key, header_of("HS256"), kGuestPayload), kNow);
  ASSERT_TRUE(guest);
  EXPECT_TRUE(guest->guest);
  EXPECT_EQ(refusal(verifier, token_by(issuer_key, header_of("HS256"), kGuestPayload)),
            TokenError::wrong_issuer);
  EXPECT_EQ(
      refusal(verifier, token_by(guest_key, header_of("HS256"),
                                 R"({"iss":"https://id.example","sid":"s","exp":1800000600})")),
      TokenError::not_a_guest);
}

TEST(JwtVerifierTest, OneSecretMayServeGuestsAndIssuer) {
  // As two objects, as they come from two files with the same content.
  const JwtVerifier verifier({.issuer = "i"}, KeySet({secret_key(test::kSecret)}),
                             KeySet({secret_key(test::kSecret)}));
  const Key key = secret_key(test::kSecret);
  const auto guest = verifier.verify(token_by(key, header_of("HS256"), kGuestPayload), kNow);
  ASSERT_TRUE(guest);
  EXPECT_TRUE(guest->guest);
  const auto user = verifier.verify(
      token_by(key, header_of("HS256"), R"({"iss":"i","guest":true,"sid":"s","exp":1800000600})"),
      kNow);
  ASSERT_TRUE(user);
  EXPECT_FALSE(user->guest);
}

TEST(JwtVerifierTest, ASharedSecretServesGuestsUnderWhateverKidItIsKnown) {
  const Key key = secret_key(test::kSecret);
  const JwtVerifier verifier({.issuer = "i"}, KeySet({with_kid(key, "a"), with_kid(key, "b")}),
                             KeySet({key}));
  for (const auto& header :
       {header_of("HS256"), header_of("HS256", "a"), header_of("HS256", "b")}) {
    const auto guest = verifier.verify(token_by(key, header, kGuestPayload), kNow);
    ASSERT_TRUE(guest) << header;
    EXPECT_TRUE(guest->guest);
  }
}

TEST(JwtVerifierTest, ExplanationsNameWhatTheOperatorMustChange) {
  const Key key = secret_key(test::kSecret);
  const JwtVerifier verifier(
      {.issuer = "https://id.example", .audience = {"usher"}},
      KeySet({with_kid(verifying_key(Algorithm::rs256), "r"), with_kid(key, "h")}));
  const auto explained = [&](const std::string& header, const std::string& payload) {
    const std::string token = token_by(key, header, payload);
    return verifier.explain(token, refusal(verifier, token));
  };
  EXPECT_EQ(explained(header_of("HS256", "r"), kPayload),
            "algorithm HS256 is not the key's algorithm RS256");
  EXPECT_EQ(explained(header_of("ES256"), kPayload),
            "algorithm ES256 is not the key's algorithm RS256 or HS256");
  EXPECT_EQ(explained(header_of("<script>"), kPayload),
            "the token's algorithm is not one that is supported here");
  EXPECT_EQ(explained(header_of("HS256", "k\\u001b[1m"), kPayload),
            "no key has the token's kid 'k?[1m'");
  EXPECT_EQ(explained(header_of("HS256", "h"), R"({"exp":1800000600})"),
            "the token's iss is not 'https://id.example'");
  EXPECT_EQ(explained(header_of("HS256", "h"), R"({"exp":1800000600,"iss":"https://id.example"})"),
            "the token's aud does not hold 'usher'");
  EXPECT_EQ(explained(header_of("HS256", "h"),
                      R"({"exp":1800000600,"iss":"https://id.example","aud":"usher"})"),
            "the token has no claim sessionId (and no sid), or an empty one");
  EXPECT_EQ(explained(header_of("HS256", "h"), R"({"exp":1800000600,"sub":1})"),
            "the claim sub has the wrong type, or is too long or out of range");
  EXPECT_EQ(verifier.explain("", TokenError::not_three_parts),
            reason_of(TokenError::not_three_parts));
}

TEST(JwtVerifierTest, ThePayloadOfAGoodTokenIsTheTextThatWasSigned) {
  EXPECT_EQ(payload_of(kGood), kPayload);
}

TEST(JwtVerifierTest, ManyThreadsShareOneVerifier) {
  const JwtVerifier verifier({}, KeySet({secret_key(test::kSecret), verifying_key(Algorithm::es256),
                                         verifying_key(Algorithm::ps256)}));
  const std::string es = token_by(signing_key(Algorithm::es256), header_of("ES256"));
  const std::string ps = token_by(signing_key(Algorithm::ps256), header_of("PS256"));
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        good += verifier.verify(kGood, kNow).has_value();
        good += verifier.verify(es, kNow).has_value();
        good += verifier.verify(ps, kNow).has_value();
        good -= verifier.verify(replaced(kGood, ".", ".A"), kNow).has_value();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 4 * 50 * 3);
}

}  // namespace
}  // namespace usher::auth
