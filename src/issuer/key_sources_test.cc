#include "issuer/key_sources.h"

#include <gtest/gtest.h>

#include <optional>

#include "support/manual_clock.h"
#include "support/recording_log.h"

namespace usher::issuer {
namespace {

using Strings = std::vector<std::string>;

// Nothing is fetched: the thread of the outbound calls is never started.
class KeySourcesTest : public testing::Test {
 protected:
  static IssuerParts issuer(const std::string& name, const std::string& url) {
    IssuerParts parts;
    parts.name = "jwt.issuers '" + name + "'";
    parts.options.issuer = name;
    parts.jwks_url = url;
    return parts;
  }
  void set(std::vector<IssuerParts> issuers) { sources.set({.issuers = std::move(issuers)}); }
  // Whether the answer comes at once, and if so what it says.
  std::optional<bool> ask(std::string_view name) {
    const auto looked = std::make_shared<std::optional<bool>>();
    sources.ask(name, [looked](KeyNews news) { *looked = news.looked; });
    return *looked;
  }

  test::ManualClock clock;
  test::RecordingLog log;
  http_client::Outbound outbound{""};
  Snapshot<auth::JwtVerifier> verifier{make_verifier({})};
  IssuerKeys keys{{}, verifier, log};
  KeySources sources{outbound, clock, log, keys};
};

TEST_F(KeySourcesTest, EachIssuerThatPublishesKeysHasASourceOfItsOwn) {
  set({issuer("a", "https://a.example/jwks"), issuer("b", "https://b.example/jwks"),
       issuer("files", "")});
  EXPECT_EQ(sources.missing(), (Strings{"jwt.issuers 'a'", "jwt.issuers 'b'"}));
  EXPECT_TRUE(sources.are_missing("a"));
  EXPECT_FALSE(sources.are_missing("files"));
  EXPECT_FALSE(sources.are_missing("nobody"));
}

TEST_F(KeySourcesTest, OnlyTheSourceOfTheNamedIssuerIsAsked) {
  set({issuer("a", "https://a.example/jwks"), issuer("b", "https://b.example/jwks")});
  EXPECT_EQ(ask("a"), std::nullopt) << "it waits for a fetch";
  EXPECT_EQ(ask("nobody"), true) << "who publishes nothing has no newer key";
  EXPECT_EQ(ask("b"), std::nullopt) << "the fetch of a is not b's";
}

TEST_F(KeySourcesTest, AnIssuerWithAKeyInAFileIsNotMissed) {
  IssuerParts parts = issuer("a", "https://a.example/jwks");
  parts.keys.add(auth::secret_key(std::string(32, 'x')));
  set({parts});
  EXPECT_EQ(sources.missing(), Strings());
  EXPECT_TRUE(sources.are_missing("a")) << "its published keys are";
}

TEST_F(KeySourcesTest, AReloadAddsAndRetiresSources) {
  set({issuer("a", "https://a.example/jwks"), issuer("b", "https://b.example/jwks")});
  EXPECT_EQ(ask("b"), std::nullopt);
  set({issuer("b", "https://b.example/jwks"), issuer("c", "https://c.example/jwks")});
  EXPECT_EQ(sources.missing(), (Strings{"jwt.issuers 'b'", "jwt.issuers 'c'"}));
  EXPECT_EQ(ask("a"), true);
  set({});
  EXPECT_EQ(sources.missing(), Strings());
  EXPECT_EQ(ask("b"), true);
}

}  // namespace
}  // namespace usher::issuer
