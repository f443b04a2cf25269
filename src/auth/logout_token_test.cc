// Each rule of OpenID Connect Back-Channel Logout 1.0, section 2.6, broken once.
#include "auth/logout_token.h"

#include <gtest/gtest.h>

namespace usher::auth {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'800'000'000s};

JwtOptions idp() {
  JwtOptions options;
  options.issuer = "https://idp.example";
  options.user_prefix = "idp:";
  options.logout_audience = {"other", "client-1"};
  return options;
}

constexpr const char* kEvents =
    R"("events":{"http://schemas.openid.net/event/backchannel-logout":{}})";

// A good token's claims, but for `without`, and with `more`.
std::string token(const std::string& without = "", const std::string& more = "") {
  const std::pair<std::string, std::string> claims[] = {{"iss", R"("iss":"https://idp.example")"},
                                                        {"aud", R"("aud":"client-1")"},
                                                        {"iat", R"("iat":1800000000)"},
                                                        {"exp", R"("exp":1800000120)"},
                                                        {"jti", R"("jti":"m1")"},
                                                        {"sub", R"("sub":"ada")"},
                                                        {"sid", R"("sid":"s1")"},
                                                        {"events", kEvents}};
  std::string json;
  for (const auto& [name, text] : claims) {
    if (("," + without + ",").find("," + name + ",") == std::string::npos) {
      json += (json.empty() ? "{" : ",") + text;
    }
  }
  return json + (more.empty() ? "" : "," + more) + "}";
}

Result<ProviderMessage, MessageFault> read(const std::string& json,
                                           std::string_view typ = "logout+jwt",
                                           JwtOptions options = idp(), WallTime now = kNow) {
  return read_logout_token(json, typ, options, now);
}

TEST(LogoutToken, WithASessionEndsThatSessionAlone) {
  const auto message = read(token());
  ASSERT_TRUE(message);
  EXPECT_EQ(message->id, "https://idp.example\nm1");
  EXPECT_EQ(message->until, 1'800'000'151);
  EXPECT_EQ(
      message->named,
      (std::vector<NamedByProvider>{{RevokedBy::sid, "https://idp.example\ns1", 1'800'000'000}}));
  EXPECT_TRUE(read(token("sub")));
}

TEST(LogoutToken, WithoutASessionEndsAllOfTheUser) {
  const auto message = read(token("sid"));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->named,
            (std::vector<NamedByProvider>{{RevokedBy::user, "idp:ada", 1'800'000'000}}));
}

TEST(LogoutToken, ByUserEndsAllOfTheUserWhereItNamesOne) {
  JwtOptions options = idp();
  options.logout_by_user = true;
  EXPECT_EQ(read(token(), "jwt", options)->named[0].by, RevokedBy::user);
  EXPECT_EQ(read(token("sub"), "jwt", options)->named[0].by, RevokedBy::sid);
}

TEST(LogoutToken, EachRuleBrokenOnceIsRefusedForIt) {
  const std::string event = "http://schemas.openid.net/event/backchannel-logout";
  struct Row {
    const char* rule;
    std::string json;
    MessageFault fault;
  };
  const Row rows[] = {
      {"JSON", "{", MessageFault::not_json},
      {"no member twice", token("", R"("sid":"s2")"), MessageFault::not_json},
      {"aud present", token("aud"), MessageFault::wrong_audience},
      {"aud ours", token("aud", R"("aud":"api")"), MessageFault::wrong_audience},
      {"aud a text", token("aud", R"("aud":[1])"), MessageFault::claim_malformed},
      {"iat present", token("iat"), MessageFault::no_iat},
      {"iat a number", token("iat", R"("iat":"1800000000")"), MessageFault::claim_malformed},
      {"iat not ahead", token("iat", R"("iat":1800000030.5)"), MessageFault::issued_in_future},
      {"exp present", token("exp"), MessageFault::no_expiry},
      {"exp a number", token("exp", R"("exp":null)"), MessageFault::claim_malformed},
      {"exp not passed", token("exp", R"("exp":1799999970)"), MessageFault::expired},
      {"jti present", token("jti"), MessageFault::no_jti},
      {"jti not empty", token("jti", R"("jti":"")"), MessageFault::no_jti},
      {"jti a text", token("jti", R"("jti":7)"), MessageFault::claim_malformed},
      {"sub or sid", token("sub,sid"), MessageFault::no_subject},
      {"sub or sid not empty", token("sub,sid", R"("sub":"","sid":"")"), MessageFault::no_subject},
      {"sid a text", token("sid", R"("sid":7)"), MessageFault::claim_malformed},
      {"sub a text", token("sub", R"("sub":["ada"])"), MessageFault::claim_malformed},
      {"events present", token("events"), MessageFault::no_event},
      {"events an object", token("events", "\"events\":\"" + event + "\""), MessageFault::no_event},
      {"the event", token("events", R"("events":{"https://other.example/logout":{}})"),
       MessageFault::no_event},
      {"the event an object", token("events", "\"events\":{\"" + event + "\":true}"),
       MessageFault::no_event},
      {"no nonce", token("", R"("nonce":"n")"), MessageFault::has_nonce},
      {"not even null", token("", R"("nonce":null)"), MessageFault::has_nonce},
  };
  for (const Row& row : rows) {
    const auto message = read(row.json);
    ASSERT_FALSE(message) << row.rule;
    EXPECT_EQ(message.error(), row.fault) << row.rule;
    EXPECT_FALSE(reason_of(row.fault).empty());
  }
}

TEST(LogoutToken, TimesAreExactAtTheirBounds) {
  EXPECT_TRUE(read(token("iat", R"("iat":1800000030)")));
  EXPECT_TRUE(read(token("exp", R"("exp":1799999971)")));
}

TEST(LogoutToken, AnotherTypeOfTokenIsRefused) {
  for (const char* good : {"", "jwt", "logout+jwt"}) EXPECT_TRUE(read(token(), good)) << good;
  for (const char* bad : {"at+jwt", "secevent+jwt", "id_token"}) {
    EXPECT_EQ(read(token(), bad).error(), MessageFault::wrong_type) << bad;
  }
}

TEST(LogoutToken, AnIssuerWithoutLogoutAudienceEndsNothing) {
  JwtOptions options = idp();
  options.logout_audience.clear();
  options.audience = {"client-1"};
  EXPECT_EQ(read(token(), "jwt", options).error(), MessageFault::not_enabled);
}

TEST(LogoutToken, AUserIsNamedOnlyIfSubIsTheUserClaim) {
  JwtOptions options = idp();
  options.user_claim = "email";
  EXPECT_TRUE(read(token(), "jwt", options)) << "the session is enough";
  EXPECT_EQ(read(token("sid"), "jwt", options).error(), MessageFault::subject_unknown);
}

TEST(LogoutToken, AUserOfAnotherIssuerIsNotEnded) {
  JwtOptions options = idp();
  options.foreign_prefixes = {"idp:a"};
  EXPECT_EQ(read(token("sid"), "jwt", options).error(), MessageFault::foreign_subject);
  options.foreign_prefixes = {};
  options.user_prefix = std::string(250, 'x');
  EXPECT_EQ(read(token("sid,sub", R"("sub":"adalove")"), "jwt", options).error(),
            MessageFault::claim_malformed);
}

}  // namespace
}  // namespace usher::auth
