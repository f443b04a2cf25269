#include "config/issuer_check.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/config_check.h"
#include "config/config_load.h"

namespace usher::config {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

class IssuerCheckTest : public testing::Test {
 protected:
  IssuerCheckTest() {
    for (const auto* path : {"/a.secret", "/b.secret", "/c.secret", "/jwks.json"}) {
      facts[path] = {.readable = true, .secret_bytes = 32};
    }
    config.jwt.issuers.resize(2);
    a().issuer = "https://a.example";
    a().secret_file = {"/a.secret"};
    a().user_prefix = "a:";
    b().issuer = "https://b.example";
    b().secret_file = {"/b.secret"};
    b().user_prefix = "b:";
  }
  IssuerConfig& a() { return config.jwt.issuers[0]; }
  IssuerConfig& b() { return config.jwt.issuers[1]; }

  Strings errors() const { return findings().errors; }
  Strings warnings() const { return findings().warnings; }
  ConfigFindings findings() const {
    ConfigReport report(config.places, facts);
    check_issuers(config, report);
    return std::move(report).take();
  }
  static std::string only(const Strings& all) {
    return all.size() == 1 ? all[0] : std::to_string(all.size()) + " sentences";
  }

  Config config;
  FileFacts facts;
};

TEST_F(IssuerCheckTest, AnIssuerThatMayEndSessionsHasANameAndNamesUsersBySub) {
  a().logout_audience = {"client-1"};
  a().logout_by = "user";
  EXPECT_EQ(errors(), Strings());
  a().user_claim = "email";
  EXPECT_NE(only(errors()).find("only if"), std::string::npos) << only(errors());
  a().logout_by = "session";
  EXPECT_EQ(errors(), Strings());
  a().logout_by = "token";
  EXPECT_NE(only(errors()).find("'token'"), std::string::npos) << only(errors());
  a().logout_by = "session";
  a().logout_audience = {""};
  EXPECT_NE(only(errors()).find("empty text"), std::string::npos) << only(errors());
}

TEST_F(IssuerCheckTest, TheOneIssuerOfThePlainKeysNeedsANameToEndSessions) {
  config.jwt.issuers.clear();
  config.jwt.secret_file = {"/a.secret"};
  config.jwt.logout_audience = {"client-1"};
  EXPECT_NE(only(errors()).find("jwt.issuer"), std::string::npos) << only(errors());
  config.jwt.issuer = "https://a.example";
  EXPECT_EQ(errors(), Strings());
}

TEST_F(IssuerCheckTest, TwoIssuersWithKeysAndPrefixesHaveNothingToSay) {
  EXPECT_EQ(errors(), Strings());
  EXPECT_EQ(warnings(), Strings());
}

TEST_F(IssuerCheckTest, EachHasKeysAndANameOfItsOwn) {
  b().secret_file.clear();
  EXPECT_EQ(only(errors()),
            "jwt.issuers 'https://b.example' has no key: set secret_file, public_key_file, "
            "jwks_file or jwks_url");
  b().secret_file = {"/b.secret"};
  b().issuer = a().issuer;
  EXPECT_EQ(only(errors()),
            "jwt.issuers 'https://a.example' is there twice: a token's iss must say whose it is");
  b().issuer = "usher";
  EXPECT_EQ(only(errors()),
            "jwt.issuers 'usher'.issuer must not be 'usher': that is the issuer of guests' tokens");
  b().issuer = "x\ny";
  EXPECT_EQ(errors().size(), 1u);
}

TEST_F(IssuerCheckTest, AnIssuerWithForeignKeysNeedsAnAudience) {
  b().secret_file.clear();
  b().jwks_file = "/jwks.json";
  for (const Strings& audience : {Strings{}, Strings{""}}) {
    b().audience = audience;
    EXPECT_TRUE(only(errors()).starts_with("jwt.issuers 'https://b.example'.issuer and "));
  }
  b().audience = {"", "app"};
  EXPECT_EQ(errors(), Strings());
  b().jwks_url = "http://b.example/jwks";
  EXPECT_TRUE(only(errors()).starts_with("jwt.issuers[1].jwks_url must be https"));
}

TEST_F(IssuerCheckTest, NamesOfClaimsAreNamesAndAlgorithmsAreKnown) {
  b().user_claim = "";
  EXPECT_TRUE(only(errors()).starts_with("jwt.issuers 'https://b.example'.user_claim must name"));
  b().user_claim = std::string(256, 'x');
  EXPECT_EQ(errors().size(), 1u);
  b().user_claim = "sub";
  b().session_claim = {"sid", ""};
  EXPECT_TRUE(only(errors()).starts_with("jwt.issuers 'https://b.example'.session_claim must"));
  b().session_claim.clear();
  EXPECT_EQ(errors(), Strings()) << "then `sid` counts alone";
  b().algorithms = {"none"};
  EXPECT_TRUE(only(errors()).starts_with("jwt.issuers[1].algorithms: 'none' is none"));
  b().algorithms.clear();
  b().typ = "logout+jwt";
  EXPECT_EQ(only(errors()),
            "jwt.issuers 'https://b.example'.typ must be \"at+jwt\" or \"JWT\", or empty");
  b().typ = "at+jwt";
  b().user_prefix = std::string(65, 'p');
  EXPECT_EQ(errors().size(), 1u);
}

TEST_F(IssuerCheckTest, ThePlainKeysAreOneMoreIssuerOrSayNothing) {
  config.jwt.session_claim = {"session"};
  EXPECT_EQ(
      only(errors()),
      "jwt.session_claim has no effect: [jwt] names no key, and [[jwt.issuers]] have settings "
      "of their own; write it there");
  config.jwt.session_claim = {"sessionId"};
  config.jwt.leeway = 5s;  // of guests' tokens
  EXPECT_EQ(errors(), Strings());
  config.jwt.secret_file = {"/c.secret"};
  config.jwt.user_prefix = "c:";
  EXPECT_EQ(only(errors()),
            "jwt.issuer must be set beside [[jwt.issuers]]: a token's iss says whose it is");
  config.jwt.issuer = "https://c.example";
  EXPECT_EQ(errors(), Strings());
  EXPECT_EQ(warnings(), Strings());
  config.jwt.issuer = a().issuer;
  EXPECT_TRUE(only(errors()).find("is there twice") != std::string::npos);
}

TEST_F(IssuerCheckTest, IssuersThatCanNameTheSameUserAreNamedBothOfThem) {
  b().user_prefix = "a:";
  EXPECT_EQ(only(warnings()),
            "the issuers 'https://a.example' and 'https://b.example' can name the same user and "
            "session: give each a user_prefix of its own");
  a().user_prefix = b().user_prefix = "";
  EXPECT_EQ(only(warnings()),
            "the issuers 'https://a.example' and 'https://b.example' can name the same user and "
            "session: give one of them a user_prefix, as in \"b:\"");
  for (const bool a_is_short : {true, false}) {
    a().user_prefix = a_is_short ? "" : "x:y:";
    b().user_prefix = a_is_short ? "b:" : "x:";
    const std::string shorter = a_is_short ? "a" : "b";
    EXPECT_TRUE(only(warnings())
                    .ends_with("tokens of 'https://" + shorter +
                               ".example' whose user or session then begins with '" +
                               (a_is_short ? "b:" : "x:y:") + "' are refused"))
        << only(warnings());
  }
  EXPECT_EQ(errors(), Strings());
}

TEST_F(IssuerCheckTest, ASecretThatTwoShareIsWarnedOf) {
  b().secret_file = {"/c.secret", "/a.secret"};
  EXPECT_TRUE(
      only(warnings())
          .ends_with(
              "have the secret '/a.secret': who signs for one of them can sign for the other"));
}

TEST_F(IssuerCheckTest, FilesOfEachAreLookedAtAndKnownByTheirPlace) {
  facts["/b.secret"].secret_bytes = 31;
  EXPECT_TRUE(only(errors()).starts_with("jwt.issuers[1].secret_file '/b.secret' holds a secret"));
  b().jwks_file = "/jwks.json";
  const Strings files = files_of(config);
  for (const auto* path : {"/a.secret", "/b.secret", "/jwks.json"}) {
    EXPECT_TRUE(std::ranges::find(files, path) != files.end()) << path;
  }
  EXPECT_EQ(with_place(config, "'/jwks.json': is no JSON"),
            "jwt.issuers[1].jwks_file '/jwks.json': is no JSON");
}

TEST(IssuerSections, AreReadFromTheFileWithTheirPlaces) {
  const LoadedConfig loaded = load_config({.file_name = "usher.toml",
                                           .file_text = R"([jwt]
leeway = "5s"

[[jwt.issuers]]
issuer = "https://a.example"
audience = ["app", "other"]
session_claim = "sid"

[[jwt.issuers]]
issuer = "https://b.example"
audience = "app"
session_claim = ["session_id", "jti"]
leeway = "1m"
)",
                                           .environment = {},
                                           .flags = {},
                                           .upstream = {}});
  EXPECT_EQ(loaded.errors, Strings());
  const auto& issuers = loaded.config.jwt.issuers;
  ASSERT_EQ(issuers.size(), 2u);
  EXPECT_EQ(issuers[0].audience, (Strings{"app", "other"}));
  EXPECT_EQ(issuers[0].session_claim, Strings{"sid"});
  EXPECT_EQ(issuers[0].leeway, 30s);
  EXPECT_EQ(issuers[1].audience, Strings{"app"});
  EXPECT_EQ(issuers[1].session_claim, (Strings{"session_id", "jti"}));
  EXPECT_EQ(issuers[1].leeway, 1min);
  EXPECT_EQ(loaded.config.jwt.leeway, 5s);
  EXPECT_EQ(loaded.config.places.of("jwt.issuers[1].leeway"), "usher.toml:13:1");
}

TEST(IssuerSections, FaultsInThemAreNamed) {
  const auto errors = [](const std::string& text) {
    return load_config({.file_name = "f",
                        .file_text = text,
                        .environment = {},
                        .flags = {},
                        .upstream = {}})
        .errors;
  };
  EXPECT_EQ(errors("[[jwt.issuers]]\naudience = \"a\"\n"),
            Strings{"f:1:1: an entry of jwt.issuers must have an issuer: the iss of its tokens"});
  EXPECT_EQ(errors("[[jwt.issuers]]\nissuer = \"a\"\nsecretfile = \"x\"\n"),
            Strings{"f:3:1: unknown key 'secretfile'; did you mean 'secret_file'?"});
  EXPECT_EQ(errors("[jwt]\nissuers = [\"a\"]\n"),
            Strings{"f:2:1: write each issuer as a [[jwt.issuers]] section"});
  EXPECT_EQ(errors("[jwt.issuers]\nissuer = \"a\"\n"),
            Strings{"f:2:1: write each issuer as a [[jwt.issuers]] section"});
}

}  // namespace
}  // namespace usher::config
