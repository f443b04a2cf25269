#include "issuer/issuer_keys.h"

#include <gtest/gtest.h>

#include "support/recording_log.h"

namespace usher::issuer {
namespace {

// RFC 7515 appendix A.3: a key, and a token that it has signed, whose `iss` is "joe".
constexpr auto* kJoesKeys =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
constexpr auto* kJoesToken =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
constexpr WallTime kIn2011{std::chrono::seconds(1'300'000'000)};

class IssuerKeysTest : public testing::Test {
 protected:
  IssuerKeysTest() { keys.set_files(files("joe", "https://joe.example/jwks")); }

  static VerifierParts files(const std::string& joe, const std::string& joes_url) {
    VerifierParts parts;
    for (const auto& [name, url] : {std::pair<std::string, std::string>(joe, joes_url),
                                    {"eve", "https://eve.example/jwks"}}) {
      IssuerParts& issuer = parts.issuers.emplace_back();
      issuer.name = "jwt.issuers '" + name + "'";
      issuer.options.issuer = name;
      issuer.options.session_claim = {"iss"};
      issuer.options.may_have_newer_keys = true;
      issuer.jwks_url = url;
    }
    return parts;
  }
  bool joe_gets_in() const { return verifier.get()->verify(kJoesToken, kIn2011).has_value(); }

  test::RecordingLog log;
  Snapshot<auth::JwtVerifier> verifier{make_verifier({})};
  IssuerKeys keys{{}, verifier, log};
};

TEST_F(IssuerKeysTest, PublishedKeysVerifyTokensOfTheirIssuerAlone) {
  EXPECT_EQ(keys.take_published("eve", "https://eve.example/jwks", kJoesKeys), "");
  EXPECT_FALSE(joe_gets_in()) << "eve may publish what she likes";
  EXPECT_EQ(keys.take_published("joe", "https://joe.example/jwks", kJoesKeys), "");
  EXPECT_TRUE(joe_gets_in());
  EXPECT_EQ(log.count("key set of jwt.issuers 'joe' in use { keys: 1, skipped: 0 }"), 1u);
  keys.set_files(files("joe", "https://joe.example/jwks"));
  EXPECT_TRUE(joe_gets_in());
}

TEST_F(IssuerKeysTest, ASetThatIsNoneChangesNothing) {
  EXPECT_EQ(keys.take_published("joe", "https://joe.example/jwks", kJoesKeys), "");
  EXPECT_NE(keys.take_published("joe", "https://joe.example/jwks", "nonsense"), "");
  EXPECT_TRUE(joe_gets_in());
}

TEST_F(IssuerKeysTest, PublishedKeysStayOverAReloadWhereIssuerAndUrlStay) {
  EXPECT_EQ(keys.take_published("joe", "https://joe.example/jwks", kJoesKeys), "");
  keys.set_files(files("joe", "https://joe.example/jwks"));
  EXPECT_TRUE(joe_gets_in());
  keys.set_files(files("joe", "https://joe.example/other"));
  EXPECT_FALSE(joe_gets_in());
  keys.set_files(files("joe", "https://joe.example/jwks"));
  EXPECT_FALSE(joe_gets_in()) << "what is gone is fetched again first";
}

TEST_F(IssuerKeysTest, AnAnswerThatComesAfterItsIssuerIsGoneIsNotUsed) {
  keys.set_files(files("joe", "https://joe.example/other"));
  EXPECT_NE(keys.take_published("joe", "https://joe.example/jwks", kJoesKeys), "");
  EXPECT_NE(keys.take_published("nobody", "https://joe.example/other", kJoesKeys), "");
  EXPECT_FALSE(joe_gets_in());
}

}  // namespace
}  // namespace usher::issuer
