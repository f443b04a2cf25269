#include "config/config_load.h"

#include <gtest/gtest.h>

namespace usher::config {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

LoadedConfig from_file(std::string text) {
  ConfigSources sources;
  sources.file_name = "usher.toml";
  sources.file_text = std::move(text);
  return load_config(sources);
}
LoadedConfig from_environment(Settings variables) {
  ConfigSources sources;
  sources.environment = std::move(variables);
  return load_config(sources);
}

std::string only_error(const LoadedConfig& loaded) {
  return loaded.errors.size() == 1 ? loaded.errors[0]
                                   : std::to_string(loaded.errors.size()) + " errors";
}

TEST(ConfigLoadTest, DefaultsAreTheContracts) {
  const LoadedConfig loaded = load_config({});
  EXPECT_EQ(loaded.errors, Strings());
  EXPECT_EQ(loaded.warnings, Strings());
  const Config& config = loaded.config;
  EXPECT_EQ(config.server.listen, Strings{"127.0.0.1:8080"});
  EXPECT_EQ(config.admin.listen, "127.0.0.1:8081");
  EXPECT_EQ(config.engine.type, EngineType::memory);
  EXPECT_EQ(config.jwt.session_claim, std::vector<std::string>{"sessionId"});
  EXPECT_EQ(config.jwt.user_claim, "sub");
  EXPECT_EQ(config.jwt.leeway, Duration(30s));
  EXPECT_FALSE(config.guest.enabled);
  EXPECT_EQ(config.guest.token_ttl, Duration(24h));
  EXPECT_EQ(config.guest.renewal_window, Duration(720h));
  EXPECT_EQ(config.guest.session_max, Duration(8760h));
  EXPECT_EQ(config.ticket.ttl, Duration(30s));
  EXPECT_EQ(config.ticket.store_timeout, Duration(500ms));
  EXPECT_EQ(config.client.allowed_origins, std::nullopt);
  EXPECT_EQ(config.client.ping_interval, Duration(25s));
  EXPECT_EQ(config.client.reconnect_spread, Duration(0s));
  EXPECT_EQ(config.limits.connections_per_session, 20u);
  EXPECT_EQ(config.limits.connections_per_user, 50u);
  EXPECT_EQ(config.limits.half_open_per_address, 1024u);
  EXPECT_EQ(config.limits.channels_per_connection, 128u);
  EXPECT_EQ(config.limits.message_bytes, 65536u);
  EXPECT_EQ(config.limits.outbox_bytes, 1048576u);
  EXPECT_EQ(config.limits.commands, (limits::RateLimit{100, 1s}));
  EXPECT_EQ(config.limits.tickets_per_session, (limits::RateLimit{30, 10s}));
  EXPECT_EQ(config.limits.tokens_per_address, (limits::RateLimit{300, 1min}));
  EXPECT_EQ(config.limits.upgrades_per_address, (limits::RateLimit{200, 1s}));
  EXPECT_EQ(config.log.level, LogLevel::info);
  EXPECT_EQ(config.shutdown.timeout, Duration(30s));
}

TEST(ConfigLoadTest, ReadsAFile) {
  const LoadedConfig loaded = from_file(R"(
server.listen = ["0.0.0.0:80", "unix:/run/usher.sock"]
[client]
allowed_origins = ["https://app.example.com"]
ping_interval = "10s"
[jwt]
secret_file = "/etc/usher/secret"
[limits]
message_bytes = "1MiB"
commands = "0"
upgrades_per_second = "0"
[log]
format = "json"
[guest]
)");
  EXPECT_EQ(loaded.errors, Strings());
  EXPECT_EQ(loaded.config.server.listen, (Strings{"0.0.0.0:80", "unix:/run/usher.sock"}));
  EXPECT_EQ(loaded.config.client.allowed_origins, Strings{"https://app.example.com"});
  EXPECT_EQ(loaded.config.client.ping_interval, Duration(10s));
  EXPECT_EQ(loaded.config.jwt.secret_file, Strings{"/etc/usher/secret"});
  EXPECT_EQ(loaded.config.limits.message_bytes, 1048576u);
  EXPECT_TRUE(loaded.config.limits.commands.unlimited());
  EXPECT_EQ(loaded.config.log.format, LogFormat::json);
}

TEST(ConfigLoadTest, ReadsNamespaces) {
  const LoadedConfig loaded = from_file(R"(
[[channel.namespaces]]
name = "orders"
subscribe = "owner"
history_size = 100
history_ttl = "10m"
recovery = true
publish_rate = "5/1s"
[[channel.namespaces]]
name = "news"
subscribe = "anyone"
)");
  EXPECT_EQ(loaded.errors, Strings());
  const auto& namespaces = loaded.config.channel.namespaces;
  ASSERT_EQ(namespaces.size(), 2u);
  EXPECT_EQ(namespaces[0].name, "orders");
  EXPECT_EQ(namespaces[0].subscribe, hub::Audience::owner);
  EXPECT_EQ(namespaces[0].publish, hub::Audience::nobody);
  EXPECT_EQ(namespaces[0].history_size, 100u);
  EXPECT_EQ(namespaces[0].history_ttl, Duration(10min));
  EXPECT_TRUE(namespaces[0].recovery);
  EXPECT_EQ(namespaces[0].publish_rate.count, 5u);
  EXPECT_EQ(namespaces[1].subscribe, hub::Audience::anyone);
}

TEST(ConfigLoadTest, ReadsUpstreams) {
  const LoadedConfig loaded = from_file(R"(
[[upstreams]]
name = "board"
path = "/board/*"
url = "unix:/run/app.sock:/socket"
who = "users"
claims = ["org", "plan"]
identity_secret_file = "/etc/usher/board.secret"
connect_timeout = "3s"
idle_timeout = "10m"
buffer_bytes = "32KiB"
end_with_token = true
[[upstreams]]
name = "chat"
path = "/chat"
url = "http://127.0.0.1:3000"
[log]
level = "warn"
)");
  EXPECT_EQ(loaded.errors, Strings());
  EXPECT_EQ(loaded.warnings, Strings());
  const auto& upstreams = loaded.config.upstreams;
  ASSERT_EQ(upstreams.size(), 2u);
  EXPECT_EQ(upstreams[0].name, "board");
  EXPECT_EQ(upstreams[0].path, "/board/*");
  EXPECT_EQ(upstreams[0].url, "unix:/run/app.sock:/socket");
  EXPECT_EQ(upstreams[0].who, doors::Who::users);
  EXPECT_EQ(upstreams[0].claims, (Strings{"org", "plan"}));
  EXPECT_EQ(upstreams[0].identity_secret_file, "/etc/usher/board.secret");
  EXPECT_EQ(upstreams[0].connect_timeout, Duration(3s));
  EXPECT_EQ(upstreams[0].idle_timeout, Duration(10min));
  EXPECT_EQ(upstreams[0].buffer_bytes, 32768u);
  EXPECT_TRUE(upstreams[0].end_with_token);
  // The defaults of docs/configuration.md.
  EXPECT_EQ(upstreams[1].who, doors::Who::anyone);
  EXPECT_EQ(upstreams[1].claims, Strings());
  EXPECT_EQ(upstreams[1].identity_secret_file, "");
  EXPECT_EQ(upstreams[1].connect_timeout, Duration(5s));
  EXPECT_EQ(upstreams[1].idle_timeout, Duration(0s));
  EXPECT_EQ(upstreams[1].buffer_bytes, 65536u);
  EXPECT_FALSE(upstreams[1].end_with_token);
  EXPECT_EQ(loaded.config.places.of(ConfigPlaces::entry_key("upstreams", 1)), "usher.toml:13:1");
  EXPECT_EQ(loaded.config.places.of(ConfigPlaces::entry_key("upstreams", 1, "url")),
            "usher.toml:16:1");
  EXPECT_EQ(loaded.config.places.of(ConfigPlaces::entry_key("upstreams", 0, "url")),
            "usher.toml:5:1");
  EXPECT_TRUE(load_config({}).config.upstreams.empty());
}

TEST(ConfigLoadTest, AnUpstreamsValuesHaveTheirBounds) {
  struct Row {
    std::string line;
    bool good;
  };
  for (const Row& row : {
           Row{"connect_timeout = \"10ms\"", true},
           Row{"connect_timeout = \"9ms\"", false},
           Row{"connect_timeout = \"1m\"", true},
           Row{"connect_timeout = \"61s\"", false},
           Row{"idle_timeout = \"0s\"", true},
           Row{"idle_timeout = \"24h\"", true},
           Row{"idle_timeout = \"25h\"", false},
           Row{"buffer_bytes = \"32KiB\"", true},
           Row{"buffer_bytes = 32767", false},
           Row{"buffer_bytes = \"16MiB\"", true},
           Row{"buffer_bytes = \"17MiB\"", false},
           Row{"who = \"anyone\"", true},
           Row{"who = \"guests\"", false},
           Row{"end_with_token = \"maybe\"", false},
           Row{"claims = \"org\"", true},
           Row{"claims = [1]", false},
       }) {
    const LoadedConfig loaded = from_file("[[upstreams]]\nname = \"a\"\n" + row.line);
    EXPECT_EQ(loaded.errors.size(), row.good ? 0u : 1u) << row.line;
    if (row.good || loaded.errors.empty()) continue;
    EXPECT_TRUE(
        loaded.errors[0].starts_with("usher.toml:3:1: " + row.line.substr(0, row.line.find(' '))))
        << loaded.errors[0];
  }
}

TEST(ConfigLoadTest, AFaultOfAnUpstreamIsToldAtItsPlace) {
  EXPECT_EQ(only_error(from_file("[[upstreams]]\nname = \"a\"\nptah = \"/a\"")),
            "usher.toml:3:1: unknown key 'ptah'; did you mean 'path'?");
  EXPECT_EQ(only_error(from_file("\n[[upstreams]]\npath = \"/a\"")),
            "usher.toml:2:1: an upstream must have a name");
  for (const char* text : {"upstreams = [\"http://127.0.0.1\"]", "[upstreams]\nname = \"a\"",
                           "upstreams = 5", "[upstreams.board]\npath = \"/board\""}) {
    const std::string error = only_error(from_file(text));
    EXPECT_NE(error.find(": write each upstream as an [[upstreams]] section"), std::string::npos)
        << error;
  }
  EXPECT_EQ(
      only_error(from_file("[[upstream]]\nname = \"a\"")).find("did you mean") == std::string::npos,
      false);
}

TEST(ConfigLoadTest, LaterSourcesWin) {
  ConfigSources sources;
  sources.file_text =
      "[client]\nping_interval = \"1s\"\nreconnect_spread = \"1s\"\n[ticket]\nttl = \"1s\"";
  sources.environment = {{"USHER_CLIENT_PING_INTERVAL", "2s"}, {"USHER_TICKET_TTL", "2s"}};
  sources.flags = {{"ticket.ttl", "3s"}};
  const LoadedConfig loaded = load_config(sources);
  EXPECT_EQ(loaded.errors, Strings());
  EXPECT_EQ(loaded.config.client.reconnect_spread, Duration(1s));
  EXPECT_EQ(loaded.config.client.ping_interval, Duration(2s));
  EXPECT_EQ(loaded.config.ticket.ttl, Duration(3s));
}

TEST(ConfigLoadTest, AnUnknownKeyIsAnErrorWithItsPlaceAndTheNearestKnownOne) {
  EXPECT_EQ(only_error(from_file("[client]\n  alowed_origins = []")),
            "usher.toml:2:3: unknown key 'client.alowed_origins'; did you mean "
            "'client.allowed_origins'?");
  EXPECT_EQ(only_error(from_file("ping_interval = \"1s\"")),
            "usher.toml:1:1: unknown key 'ping_interval'; did you mean 'client.ping_interval'?");
  EXPECT_EQ(only_error(from_file("[somewhere]\nelse = 1")),
            "usher.toml:2:1: unknown key 'somewhere.else'; docs/configuration.md has them all");
  EXPECT_EQ(only_error(from_file("[[channel.namespaces]]\nname = \"a\"\nhistry_size = 1")),
            "usher.toml:3:1: unknown key 'histry_size'; did you mean 'history_size'?");
  EXPECT_EQ(only_error(from_file("[clients]")),
            "usher.toml:1:2: unknown key 'clients'; docs/configuration.md has them all");
  EXPECT_EQ(only_error(from_file("\"a\\nb\" = 1")),
            "usher.toml:1:1: unknown key 'a?b'; docs/configuration.md has them all");
}

TEST(ConfigLoadTest, AWrongValueIsAnErrorThatSaysWhatWouldBeRight) {
  EXPECT_EQ(
      only_error(from_file("[client]\nping_interval = 30")),
      "usher.toml:2:1: client.ping_interval must be a duration like \"30s\", 1s to 10m, not 30");
  EXPECT_EQ(
      only_error(from_file("log.level = \"loud\"")),
      "usher.toml:1:5: log.level must be \"debug\", \"info\", \"warn\" or \"error\", not 'loud'");
  EXPECT_EQ(only_error(from_file("client.allowed_origins = [1, 2]")),
            "usher.toml:1:8: client.allowed_origins must be a list of strings");
  EXPECT_EQ(only_error(from_file("server = 5")),
            "usher.toml:1:1: unknown key 'server'; docs/configuration.md has them all");
  EXPECT_EQ(only_error(from_file("channel.namespaces = [\"orders\"]")),
            "usher.toml:1:9: write each namespace as a [[channel.namespaces]] section");
  EXPECT_EQ(only_error(from_environment({{"USHER_TICKET_TTL", "soon\n"}})),
            "USHER_TICKET_TTL: ticket.ttl must be a duration like \"30s\" in whole seconds, 1s to "
            "10m, not 'soon?'");
}

TEST(ConfigLoadTest, ANamespaceWithoutANameIsAnError) {
  EXPECT_EQ(only_error(from_file("\n[[channel.namespaces]]\npresence = true")),
            "usher.toml:2:1: a namespace must have a name");
}

TEST(ConfigLoadTest, AllErrorsAreToldAtOnce) {
  EXPECT_EQ(from_file("a = 1\nb = 2\n[log]\nlevel = 3").errors.size(), 3u);
}

TEST(ConfigLoadTest, WhatIsNoTomlIsAnErrorWithItsPlace) {
  EXPECT_TRUE(
      only_error(from_file("[client\nx = 1")).starts_with("usher.toml:1:8: this is no TOML: "));
  EXPECT_TRUE(
      only_error(from_file("a = 1\na = 2")).starts_with("usher.toml:2:5: this is no TOML: "));
}

TEST(ConfigLoadTest, UnknownVariablesAreAWarningAndOthersPrograms) {
  const LoadedConfig loaded = from_environment(
      {{"USHER_SERVICE_HOST", "10.0.0.1"}, {"USHER_CLIENT_ALOWED_ORIGINS", "x"}, {"PATH", "/bin"}});
  EXPECT_EQ(loaded.errors, Strings());
  EXPECT_EQ(loaded.warnings,
            (Strings{"the environment variable USHER_SERVICE_HOST is no key of ours",
                     "the environment variable USHER_CLIENT_ALOWED_ORIGINS is no key of ours; did "
                     "you mean USHER_CLIENT_ALLOWED_ORIGINS?"}));
}

TEST(ConfigLoadTest, AnEmptyVariableIsAnEmptyList) {
  const LoadedConfig loaded = from_environment({{"USHER_CLIENT_ALLOWED_ORIGINS", ""}});
  EXPECT_EQ(loaded.config.client.allowed_origins, Strings());
}

TEST(ConfigLoadTest, DevHasDefaultsOfItsOwnThatASourceCanChange) {
  ConfigSources sources;
  sources.dev = true;
  EXPECT_TRUE(load_config(sources).config.dev);
  EXPECT_TRUE(load_config(sources).config.guest.enabled);
  EXPECT_EQ(load_config(sources).config.client.allowed_origins, Strings());
  sources.flags = {{"guest.enabled", "false"}};
  EXPECT_FALSE(load_config(sources).config.guest.enabled);
}

TEST(ConfigLoadTest, SettingsSplitAtTheFirstEqualsSign) {
  EXPECT_EQ(split_setting("a.b=c=d"), (std::pair<std::string, std::string>("a.b", "c=d")));
  EXPECT_EQ(split_setting("a.b="), (std::pair<std::string, std::string>("a.b", "")));
  EXPECT_EQ(split_setting("a.b"), (std::pair<std::string, std::string>("a.b", "")));
}

}  // namespace
}  // namespace usher::config
