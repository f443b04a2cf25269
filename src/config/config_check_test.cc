#include "config/config_check.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace usher::config {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

constexpr FileFact kGoodFile{.readable = true, .secret_bytes = 32};

class ConfigCheckTest : public testing::Test {
 protected:
  ConfigCheckTest() {
    config.client.allowed_origins = Strings{"https://app.example.com"};
    config.jwt.secret_file = {"/secret"};
    facts["/secret"] = kGoodFile;
  }

  Strings errors() const { return check(config, facts).errors; }
  Strings warnings() const { return check(config, facts).warnings; }

  // The one error there is, or what else there is.
  std::string error() const {
    const Strings all = errors();
    return all.size() == 1 ? all[0] : std::to_string(all.size()) + " errors";
  }
  static bool says(const std::string& sentence, std::string_view part) {
    return sentence.find(part) != std::string::npos;
  }

  Config config;
  FileFacts facts;
};

TEST_F(ConfigCheckTest, AGoodConfigurationHasNothingToSay) {
  EXPECT_EQ(errors(), Strings());
  EXPECT_EQ(warnings(), Strings());
}

TEST_F(ConfigCheckTest, OriginsMustBeSaidAndNoneIsFine) {
  config.client.allowed_origins.reset();
  EXPECT_TRUE(says(error(), "client.allowed_origins is not set"));
  config.client.allowed_origins = Strings();
  EXPECT_EQ(errors(), Strings());
}

TEST_F(ConfigCheckTest, EachFaultyOriginIsNamedAndAStarIsForDevOnly) {
  config.client.allowed_origins = Strings{"*", "app.example.com", "https://fine.example"};
  ASSERT_EQ(errors().size(), 2u);
  EXPECT_TRUE(says(errors()[0], "'*' is no origin to allow"));
  EXPECT_TRUE(says(errors()[1], "'app.example.com' is no origin to allow"));
  config.client.allowed_origins = Strings{"*"};
  config.dev = true;
  EXPECT_EQ(errors(), Strings());
}

TEST_F(ConfigCheckTest, ASecretUnder32BytesIsRefused) {
  facts["/secret"].secret_bytes = 31;
  EXPECT_TRUE(says(error(), "jwt.secret_file '/secret' holds a secret of 31 bytes"));
  EXPECT_TRUE(says(error(), "openssl rand"));
}

TEST_F(ConfigCheckTest, ASecretThatOthersCanChangeIsRefusedOneThatTheyCanReadIsWarnedOf) {
  facts["/secret"].world_readable = true;
  EXPECT_EQ(errors(), Strings());
  ASSERT_EQ(warnings().size(), 1u);
  EXPECT_TRUE(says(warnings()[0], "can be read by every user"));
  facts["/secret"].world_writable = true;
  EXPECT_TRUE(says(error(), "can be changed by every user"));
}

TEST_F(ConfigCheckTest, AFileThatCantBeReadIsRefused) {
  facts["/secret"].readable = false;
  EXPECT_TRUE(says(error(), "jwt.secret_file '/secret' can't be read"));
  facts.clear();
  EXPECT_TRUE(says(error(), "jwt.secret_file '/secret' can't be read"));
}

TEST_F(ConfigCheckTest, WithoutAnyKeyNobodysTokensCanBeAccepted) {
  config.jwt.secret_file.clear();
  EXPECT_TRUE(says(error(), "no key says whose tokens to accept"));
  config.dev = true;
  EXPECT_EQ(errors(), Strings());
}

TEST_F(ConfigCheckTest, GuestsAloneNeedNoOtherKey) {
  config.jwt.secret_file.clear();
  config.guest.enabled = true;
  config.guest.secret_file = {"/secret"};
  EXPECT_EQ(errors(), Strings());
}

TEST_F(ConfigCheckTest, APublicKeyOrKeySetNeedsIssuerAndAudience) {
  config.jwt.public_key_file = {"/key.pem"};
  facts["/key.pem"] = {.readable = true, .secret_bytes = 0, .world_readable = true};
  EXPECT_TRUE(says(error(), "jwt.issuer and jwt.audience must be set"));
  config.jwt.issuer = "https://issuer.example";
  EXPECT_TRUE(says(error(), "jwt.issuer and jwt.audience must be set"));
  config.jwt.audience = {"usher"};
  EXPECT_EQ(errors(), Strings());
  EXPECT_EQ(warnings(), Strings());  // a public key may be read by all
  facts["/key.pem"].world_writable = true;
  EXPECT_TRUE(says(error(), "can be changed by every user"));

  config.jwt.public_key_file.clear();
  config.jwt.jwks_file = "/jwks.json";
  facts["/jwks.json"] = kGoodFile;
  config.jwt.audience = {""};
  EXPECT_TRUE(says(error(), "jwt.issuer and jwt.audience must be set"));
}

TEST_F(ConfigCheckTest, AlgorithmsMustBeKnown) {
  config.jwt.algorithms = {"HS256", "none"};
  EXPECT_TRUE(says(error(), "'none'"));
}

TEST_F(ConfigCheckTest, TheVerifyDoorIsForAProxyOnThisMachineThatIsTrusted) {
  config.verify.listen = "127.0.0.1:8082";
  ASSERT_EQ(warnings().size(), 1u);
  EXPECT_TRUE(says(warnings()[0], "verify.listen without server.trusted_proxies"));
  config.server.trusted_proxies = {"127.0.0.1"};
  EXPECT_EQ(warnings(), Strings());
  config.verify.listen = "0.0.0.0:8082";
  ASSERT_EQ(warnings().size(), 1u);
  EXPECT_TRUE(says(warnings()[0], "verify.listen: 0.0.0.0:8082 can be reached"));
  EXPECT_EQ(errors(), Strings());
  config.verify.listen = config.admin.listen;
  EXPECT_TRUE(says(error(), "verify.listen: 127.0.0.1:8081 is used twice"));
  config.verify.listen = "nonsense";
  EXPECT_TRUE(says(error(), "verify.listen: "));
  EXPECT_EQ(warnings(), Strings());
}

TEST_F(ConfigCheckTest, NamesOfClaimsAreNotEmpty) {
  config.ticket.claims = {"org", "https://example.com/plan"};
  EXPECT_EQ(errors(), Strings());
  config.ticket.claims = {"org", ""};
  EXPECT_EQ(error(), "ticket.claims holds an empty name");
  config.ticket.claims = {"\xff"};
  EXPECT_EQ(error(), "ticket.claims holds a name that is not UTF-8");
}

TEST_F(ConfigCheckTest, GuestsNeedASecretAndARateLimit) {
  config.guest.enabled = true;
  EXPECT_EQ(errors(), Strings());
  config.limits.tokens_per_address = limits::kNoLimit;
  EXPECT_TRUE(says(error(), "limits.tokens_per_address"));
  config.limits.tokens_per_address = {1, 1s};
  config.jwt.secret_file.clear();
  config.jwt.jwks_file = "/secret";
  config.jwt.issuer = "x";
  config.jwt.audience = {"x"};
  EXPECT_TRUE(says(error(), "set guest.secret_file"));
  config.dev = true;
  config.limits.tokens_per_address = limits::kNoLimit;
  EXPECT_EQ(errors(), Strings());
}

TEST_F(ConfigCheckTest, AGuestsSessionMustNotBeShorterThanItsToken) {
  config.guest.enabled = true;
  config.guest.session_max = config.guest.token_ttl - 1s;
  EXPECT_TRUE(says(error(), "guest.session_max"));
}

TEST_F(ConfigCheckTest, CertificateAndKeyBelongTogether) {
  config.tls.certificate_file = "/cert.pem";
  facts["/cert.pem"] = {.readable = true, .secret_bytes = 1, .world_readable = true};
  EXPECT_TRUE(says(error(), "belong together"));
  config.tls.key_file = "/key.pem";
  facts["/key.pem"] = {.readable = true, .secret_bytes = 1, .world_readable = true};
  EXPECT_EQ(errors(), Strings());
  ASSERT_EQ(warnings().size(), 1u);
  EXPECT_TRUE(says(warnings()[0], "tls.key_file"));
}

TEST_F(ConfigCheckTest, ListenersMustBeAddressesAndDifferent) {
  config.server.listen = {"example.com"};
  EXPECT_TRUE(says(error(), "server.listen: 'example.com'"));
  config.server.listen = {"127.0.0.1:8081"};
  EXPECT_TRUE(says(error(), "admin.listen: 127.0.0.1:8081 is used twice"));
  config.server.listen = {"127.0.0.1:0", "127.0.0.1:0", "[::1]:8081", "unix:/run/usher.sock"};
  EXPECT_EQ(errors(), Strings());
  config.server.listen.clear();
  EXPECT_TRUE(says(error(), "server.listen is empty"));
}

TEST_F(ConfigCheckTest, DevOnAPublicAddressIsWarnedOf) {
  config.dev = true;
  EXPECT_EQ(warnings(), Strings());
  config.server.listen = {"0.0.0.0:8080"};
  ASSERT_EQ(warnings().size(), 1u);
  EXPECT_TRUE(says(warnings()[0], "--dev lets anybody in"));
}

TEST_F(ConfigCheckTest, ThePrefixIsAPath) {
  for (const auto* good : {"", "/realtime", "/a/b-c.d"}) {
    config.http.prefix = good;
    EXPECT_EQ(errors(), Strings()) << good;
  }
  for (const auto* bad : {"/", "realtime", "/a/", "/a//b", "/a?b", "/a b", "//a"}) {
    config.http.prefix = bad;
    EXPECT_TRUE(says(error(), "http.prefix '" + std::string(bad) + "' must")) << bad;
  }
}

TEST_F(ConfigCheckTest, ProxiesMustBeAddressesOrNetworks) {
  config.server.trusted_proxies = {"10.0.0.0/8", "unix"};
  EXPECT_EQ(errors(), Strings());
  config.server.trusted_proxies = {"10.0.0.0/33"};
  EXPECT_TRUE(says(error(), "server.trusted_proxies: '10.0.0.0/33' is"));
  EXPECT_FALSE(says(error(), "server.trusted_proxies: server"));
}

TEST_F(ConfigCheckTest, TheServerApiNeedsItsKeys) {
  config.api.listen = "127.0.0.1:8082";
  EXPECT_TRUE(says(error(), "api.listen needs api.key_file"));
  config.api.key_file = "/api-keys";
  facts["/api-keys"] = kGoodFile;
  EXPECT_EQ(errors(), Strings());
}

TEST_F(ConfigCheckTest, AnApiKeyThatCanBeGuessedIsAWarning) {
  config.api.key_file = "/api-keys";
  facts["/api-keys"] = kGoodFile;
  facts["/api-keys"].shortest_key_bytes = 32;
  EXPECT_EQ(check(config, facts).warnings, Strings());
  facts["/api-keys"].shortest_key_bytes = 31;
  EXPECT_EQ(errors(), Strings());
  ASSERT_EQ(check(config, facts).warnings.size(), 1u);
  EXPECT_TRUE(says(check(config, facts).warnings[0], "holds a key of 31 bytes"));
}

TEST_F(ConfigCheckTest, NamespacesMustMakeSense) {
  hub::NamespaceOptions orders;
  orders.name = "orders";
  config.channel.namespaces = {orders, orders};
  EXPECT_TRUE(says(error(), "'orders' is there twice"));
  orders.history_size = 10;
  config.channel.namespaces = {orders};
  EXPECT_TRUE(says(error(), "history_size needs history_ttl"));
  orders.history_size = 0;
  orders.recovery = true;
  config.channel.namespaces = {orders};
  EXPECT_TRUE(says(error(), "recovery needs"));
  orders.recovery = false;
  orders.name = "or:ders";
  config.channel.namespaces = {orders};
  EXPECT_TRUE(says(error(), "a name is printable ASCII"));
}

TEST_F(ConfigCheckTest, NamespacesAreNotGivenMoreHistoryThanThereIs) {
  config.limits.history_bytes = 1000;
  hub::NamespaceOptions given{.name = "a", .history_size = 1, .history_ttl = 1min};
  hub::NamespaceOptions other{.name = "b", .history_size = 1, .history_ttl = 1min};
  given.history_bytes = 999;
  config.channel.namespaces = {given, other};
  EXPECT_EQ(errors(), Strings());
  config.channel.namespaces[0].history_bytes = 1000;
  EXPECT_TRUE(says(error(), "leaves nothing for the other namespaces"));
  config.channel.namespaces.pop_back();
  EXPECT_EQ(errors(), Strings());
  config.channel.namespaces[0].history_bytes = 1001;
  EXPECT_TRUE(says(error(), "give less, or raise that"));
}

TEST_F(ConfigCheckTest, RedisMustBeFoundSomewhere) {
  config.engine.type = EngineType::redis;
  EXPECT_TRUE(says(error(), "needs redis.url"));
  config.redis.url = "redis://127.0.0.1";
  EXPECT_EQ(errors(), Strings());
  config.redis.master = "main";
  EXPECT_TRUE(says(error(), "belong together"));
  config.redis.sentinels = {"s1", "s2:26380"};
  EXPECT_EQ(errors(), Strings());
  config.redis.sentinels = {"s1", "s2:x"};
  EXPECT_TRUE(says(error(), "redis.sentinels, number 2: its port"));
  config.redis.sentinels = {"s1"};
  config.redis.url = "unix:///run/redis.sock";
  EXPECT_TRUE(says(error(), "redis.url is a Unix socket"));
  config.redis.url = "";
  EXPECT_EQ(errors(), Strings());
}

TEST_F(ConfigCheckTest, AWrongRedisUrlIsNotRepeated) {
  config.engine.type = EngineType::redis;
  config.redis.url = "redis://gate:s3cret@h:0";
  EXPECT_TRUE(says(error(), "redis.url: its port"));
  EXPECT_FALSE(says(error(), "s3cret"));
}

TEST_F(ConfigCheckTest, RedisFilesAndPrefix) {
  config.engine.type = EngineType::redis;
  config.redis.url = "rediss://h";
  config.redis.certificate_file = "/pem";
  facts["/pem"] = kGoodFile;
  EXPECT_TRUE(says(error(), "belong together"));
  config.redis.key_file = "/key";
  EXPECT_TRUE(says(error(), "redis.key_file '/key' can't be read"));
  facts["/key"] = kGoodFile;
  EXPECT_EQ(errors(), Strings());
  for (const auto* bad : {"", "a b", "a*"}) {
    config.redis.key_prefix = bad;
    EXPECT_TRUE(says(error(), "redis.key_prefix must be")) << bad;
  }
  config.redis.key_prefix = std::string(64, 'x');
  EXPECT_EQ(errors(), Strings());
  config.redis.key_prefix += 'x';
  EXPECT_TRUE(says(error(), "redis.key_prefix must be"));
}

TEST_F(ConfigCheckTest, RedisThatIsNotUsedIsWarnedOf) {
  config.redis.url = "redis://h";
  ASSERT_EQ(warnings().size(), 1u);
  EXPECT_TRUE(says(warnings()[0], "Redis is not used"));
}

TEST_F(ConfigCheckTest, AnOutboxSmallerThanAMessageIsWarnedOf) {
  config.limits.outbox_bytes = config.limits.message_bytes - 1;
  ASSERT_EQ(warnings().size(), 1u);
  EXPECT_TRUE(says(warnings()[0], "limits.outbox_bytes"));
}

TEST_F(ConfigCheckTest, AKeySetComesOverHttpsOrFromThisMachine) {
  config.jwt.issuer = "https://id.example";
  config.jwt.audience = {"app"};
  for (const char* url : {"https://id.example/jwks", "http://127.0.0.1:9000/", "http://[::1]/jwks",
                          "http://localhost/jwks"}) {
    config.jwt.jwks_url = url;
    EXPECT_EQ(errors(), Strings()) << url;
  }
  for (const char* url : {"http://id.example/jwks", "http://127.0.0.1.id.example/jwks",
                          "http://localhost.id.example/"}) {
    config.jwt.jwks_url = url;
    EXPECT_TRUE(says(error(), "jwt.jwks_url must be https")) << url;
  }
  config.jwt.jwks_url = "/etc/jwks.json";
  EXPECT_TRUE(says(error(), "jwt.jwks_url must be a URL"));
}

TEST_F(ConfigCheckTest, HooksMustBeUrlsThatShowNoPassword) {
  config.hooks.secret_file = {"/hook-secret"};
  facts["/hook-secret"] = kGoodFile;
  config.hooks.rpc_url = "https://backend.example/hook?key=1";
  EXPECT_EQ(errors(), Strings());
  EXPECT_EQ(warnings(), Strings());
  config.hooks.rpc_url = "wss://backend.example/hook";
  EXPECT_TRUE(says(error(), "hooks.rpc_url must be a URL like"));
  config.hooks.rpc_url = "https://ada:secret@backend.example/hook";
  EXPECT_TRUE(says(error(), "hooks.rpc_url holds a user name or password"));
  EXPECT_FALSE(says(error(), "secret@"));
}

TEST_F(ConfigCheckTest, HooksThatOthersCanReadOrForgeAreWarnedOf) {
  config.hooks.publish_url = "http://127.0.0.1:9000/";
  ASSERT_EQ(warnings().size(), 1u);
  EXPECT_TRUE(says(warnings()[0], "hooks without hooks.secret_file"));
  config.hooks.secret_file = {"/hook-secret"};
  facts["/hook-secret"] = kGoodFile;
  EXPECT_EQ(warnings(), Strings());
  config.hooks.publish_url = "http://127.evil.example/";
  ASSERT_EQ(warnings().size(), 1u);
  EXPECT_TRUE(says(warnings()[0], "hooks.publish_url is not https"));
  facts["/hook-secret"].secret_bytes = 31;
  EXPECT_TRUE(says(error(), "hooks.secret_file"));
}

TEST_F(ConfigCheckTest, NamesTheFilesThatItWantsToKnowAbout) {
  config.guest.secret_file = {"/guest"};
  config.tls.key_file = "/key";
  Strings files = files_of(config);
  std::ranges::sort(files);
  EXPECT_EQ(files, (Strings{"/guest", "/key", "/secret"}));
}

TEST_F(ConfigCheckTest, WhatIsWrongIsToldWithItsPlace) {
  config.server.listen = {"127.0.0.1:8080", "nowhere"};
  config.server.trusted_proxies = {"10.0.0.0/8", "10.0.0.0/99"};
  config.client.allowed_origins = Strings{"https://app.example.com", "app.example.com"};
  config.client.allowed_headers = {"x-fine", "x y"};
  config.admin.allowed_hosts = {"fine.example", "host:80"};
  config.hooks.rpc_url = "ftp://user:word@backend/path?secret";
  config.jwt.algorithms = {"HS256", "none"};
  config.jwt.secret_file = {"/secret", "/nowhere"};
  config.channel.namespaces = {{.name = "a"}, {.name = "a"}, {.name = "b", .history_size = 1}};
  ConfigPlaces& places = config.places;
  places = ConfigPlaces("f");
  for (const char* key :
       {"server.listen", "server.trusted_proxies", "client.allowed_origins",
        "client.allowed_headers", "admin.allowed_hosts", "jwt.algorithms", "jwt.secret_file"}) {
    places.set(key, std::string("f:1:") + key, {"first", std::string("f:2:") + key});
  }
  places.set("hooks.rpc_url", "USHER_HOOKS_RPC_URL");
  places.set(ConfigPlaces::entry_key("channel.namespaces", 1, "name"), "f:9:1");
  places.set(ConfigPlaces::entry_key("channel.namespaces", 2, "history_size"), "f:12:1");
  const Strings all = errors();
  for (const char* start :
       {"f:2:server.listen: server.listen: ",
        "f:2:server.trusted_proxies: server.trusted_proxies: ",
        "f:2:client.allowed_origins: client.allowed_origins: 'app.example.com'",
        "f:2:client.allowed_headers: client.allowed_headers: 'x y'",
        "f:2:admin.allowed_hosts: admin.allowed_hosts: 'host:80'",
        "f:2:jwt.algorithms: jwt.algorithms: 'none'",
        "f:2:jwt.secret_file: jwt.secret_file '/nowhere'", "USHER_HOOKS_RPC_URL: hooks.rpc_url ",
        "f:9:1: channel.namespaces 'a' is there twice",
        "f:12:1: channel.namespaces 'b': history_size needs"}) {
    EXPECT_TRUE(std::ranges::any_of(all, [&](const std::string& sentence) {
      return sentence.starts_with(start);
    })) << start;
  }
  EXPECT_EQ(all.size(), 10u);
  for (const std::string& sentence : all) {
    EXPECT_FALSE(says(sentence, "word@") || says(sentence, "?secret")) << sentence;
  }
}

TEST_F(ConfigCheckTest, WhatIsWrongInAFileIsToldWithTheKeyThatNamesIt) {
  config.places = ConfigPlaces("f");
  config.jwt.public_key_file = {"/a.pem", "/b.pem"};
  config.places.set("jwt.public_key_file", "f:1:1", {"f:1:20", "f:1:30"});
  EXPECT_EQ(with_place(config, "'/b.pem': it is no key"),
            "f:1:30: jwt.public_key_file '/b.pem': it is no key");
  EXPECT_EQ(with_place(config, "jwt.public_key_file: no"), "f:1:1: jwt.public_key_file: no");
  EXPECT_EQ(with_place(config, "'/c.pem': no"), "f: '/c.pem': no");
  config.places = ConfigPlaces();
  EXPECT_EQ(with_place(config, "'/c.pem': no"), "'/c.pem': no");
}

TEST_F(ConfigCheckTest, DevsKeyIsForThisMachineAlone) {
  config.dev = true;
  for (const char* listen : {"0.0.0.0:8090", "[::]:8090", "192.0.2.1:8090"}) {
    config.api.listen = listen;
    EXPECT_TRUE(says(error(), "api.listen: ") && says(error(), "set api.key_file")) << listen;
  }
  for (const char* listen : {"127.0.0.1:8090", "[::1]:8090", "unix:/run/usher.sock"}) {
    config.api.listen = listen;
    EXPECT_EQ(errors(), Strings()) << listen;
  }
  config.api.listen = "0.0.0.0:8090";
  config.api.key_file = "/secret";
  EXPECT_EQ(errors(), Strings());
}

TEST_F(ConfigCheckTest, NamesForTheAdminListenerAreNamesOrAStar) {
  config.admin.allowed_hosts = {"usher.monitoring.svc", "usher", "*"};
  EXPECT_EQ(errors(), Strings());
  for (const char* host : {"", "a:80", "http://a", "*.a", "a b", "[::1]"}) {
    config.admin.allowed_hosts = {host};
    EXPECT_TRUE(says(error(), "admin.allowed_hosts: '")) << host;
  }
}

TEST_F(ConfigCheckTest, RoomForRequestsHoldsAMessage) {
  config.limits.request_bytes_per_address = 2 * config.limits.message_bytes - 1;
  ASSERT_EQ(warnings().size(), 1u);
  EXPECT_TRUE(says(warnings()[0], "limits.request_bytes_per_address = "));
  config.limits.request_bytes_per_address = 2 * config.limits.message_bytes;
  EXPECT_EQ(warnings(), Strings());
  config.limits.request_bytes_per_address = 0;
  EXPECT_EQ(warnings(), Strings());
}

TEST_F(ConfigCheckTest, WhyAFileCantBeReadIsSaid) {
  facts["/secret"] = {.obstacle = "is a folder; name the file in it"};
  EXPECT_EQ(error(), "jwt.secret_file '/secret' is a folder; name the file in it");
}

TEST_F(ConfigCheckTest, SessionTicketKeysHaveEightyBytesAndServeTls) {
  config.tls = {.certificate_file = "/c", .key_file = "/k", .session_ticket_key_files = {"/t"}};
  facts["/c"] = facts["/k"] = kGoodFile;
  facts["/t"] = {.readable = true, .bytes = 80};
  EXPECT_EQ(errors(), Strings());
  EXPECT_EQ(warnings(), Strings());
  facts["/t"].bytes = 48;
  EXPECT_TRUE(says(error(), "tls.session_ticket_key_files '/t' has 48 bytes, and must have 80"));
  facts["/t"] = {.readable = true, .bytes = 80, .world_writable = true};
  EXPECT_TRUE(says(error(), "can be changed by every user"));
  facts["/t"] = {.readable = true, .bytes = 80, .world_readable = true};
  ASSERT_EQ(warnings().size(), 1u);
  facts["/t"].world_readable = false;
  config.tls.session_ticket_key_files = Strings(16, "/t");
  EXPECT_EQ(errors(), Strings());
  config.tls.session_ticket_key_files.push_back("/t");
  EXPECT_TRUE(says(error(), "names more than 16 files"));
  config.tls = {.session_ticket_key_files = {"/t"}};
  ASSERT_EQ(warnings().size(), 1u);
  EXPECT_TRUE(says(warnings()[0], "is of no use without tls.certificate_file"));
}

TEST_F(ConfigCheckTest, TheSubscribeHookNeedsItsUrlAndPublishHasNoSuchRule) {
  config.channel.namespaces = {{.subscribe = hub::Audience::hook, .publish = hub::Audience::token}};
  EXPECT_TRUE(says(errors().at(0), "publish can't be \"token\""));
  EXPECT_TRUE(says(errors().at(1), "subscribe = \"hook\" needs hooks.subscribe_url"));
}

}  // namespace
}  // namespace usher::config
