#include "config/config_values.h"

#include <gtest/gtest.h>

#include "config/config_load.h"

namespace usher::config {
namespace {

Config config_of(const std::string& text) {
  ConfigSources sources;
  sources.file_text = text;
  LoadedConfig loaded = load_config(sources);
  EXPECT_EQ(loaded.errors, std::vector<std::string>());
  return loaded.config;
}

std::vector<std::string> lines(const std::string& running, const std::string& wanted) {
  std::vector<std::string> found;
  for (const ConfigChange& change :
       changes_between(values_of(config_of(running)), values_of(config_of(wanted)))) {
    found.push_back(change.key + ": " + change.from + " -> " + change.to +
                    (change.needs_restart ? " (restart)" : ""));
  }
  return found;
}

using Lines = std::vector<std::string>;

TEST(ConfigValuesTest, EqualConfigurationsDifferInNothing) {
  EXPECT_EQ(lines("", ""), Lines());
  const std::string both =
      "client.allowed_origins = ['https://a.example']\n"
      "[[channel.namespaces]]\nname = 'a'\n[[channel.namespaces]]\nname = 'b'\n";
  const std::string turned =
      "client.allowed_origins = ['https://a.example']\n"
      "[[channel.namespaces]]\nname = 'b'\n[[channel.namespaces]]\nname = 'a'\n";
  EXPECT_EQ(lines(both, turned), Lines());
}

TEST(ConfigValuesTest, AChangeHasBothValuesAsTomlWritesThem) {
  EXPECT_EQ(lines("client.allowed_origins = ['https://a.example']\n",
                  "client.allowed_origins = ['https://a.example', 'https://b.example']\n"
                  "[limits]\ncommands = '7/1s'\n"),
            (Lines{"client.allowed_origins: [\"https://a.example\"] -> [\"https://a.example\", "
                   "\"https://b.example\"]",
                   "limits.commands: \"100/1s\" -> \"7/1s\""}));
}

TEST(ConfigValuesTest, AKeyThatNeedsARestartIsMarked) {
  EXPECT_EQ(lines("", "[server]\nthreads = 3\n"), Lines{"server.threads: 0 -> 3 (restart)"});
}

TEST(ConfigValuesTest, AnotherFileIsTakenOverButSwitchingOnOrOffNeedsARestart) {
  const std::string a = "[api]\nkey_file = '/a'\n";
  const std::string b = "[api]\nkey_file = '/b'\n";
  EXPECT_EQ(lines(a, b), Lines{"api.key_file: \"/a\" -> \"/b\""});
  EXPECT_EQ(lines("", b), Lines{"api.key_file: \"\" -> \"/b\" (restart)"});
  EXPECT_EQ(lines(a, ""), Lines{"api.key_file: \"/a\" -> \"\" (restart)"});
}

TEST(ConfigValuesTest, ASectionThatOneSideLacksIsOneChange) {
  const std::string a = "[[channel.namespaces]]\nname = 'a'\n";
  const std::string with_upstream =
      a + "[[upstreams]]\nname = 'u'\npath = '/u'\nurl = 'http://h'\n";
  EXPECT_EQ(lines("", a), Lines{"channel.namespaces.a: absent -> present (restart)"});
  EXPECT_EQ(lines(a, ""), Lines{"channel.namespaces.a: present -> absent (restart)"});
  EXPECT_EQ(lines(a, with_upstream), Lines{"upstreams.u: absent -> present (restart)"});
  EXPECT_EQ(lines(a, a + "presence = true\n"),
            Lines{"channel.namespaces.a.presence: false -> true (restart)"});
  EXPECT_EQ(lines("", "[[channel.namespaces]]\nname = ''\n"),
            Lines{"channel.namespaces.\"\": absent -> present (restart)"});
}

TEST(ConfigValuesTest, AnIssuerIsFoundByItsNameAndIsTakenOver) {
  const std::string a = "[[jwt.issuers]]\nissuer = 'https://id.example'\nuser_claim = 'sub'\n";
  const std::string b = "[[jwt.issuers]]\nissuer = 'https://id.example'\nuser_claim = 'uid'\n";
  EXPECT_EQ(lines(a, b), Lines{"jwt.issuers.https://id.example.user_claim: \"sub\" -> \"uid\""});
  EXPECT_EQ(lines("", a), Lines{"jwt.issuers.https://id.example: absent -> present"});
  EXPECT_EQ(section_of("jwt.issuers.https://id.example.user_claim"),
            "jwt.issuers.https://id.example");
  EXPECT_EQ(section_of("jwt.issuer"), "");
}

TEST(ConfigValuesTest, OfAUrlOnlySchemeAndHostAreShown) {
  EXPECT_EQ(shown_value(R"("redis://user:p@ss/w@h:1/0")"), R"("redis://…@h:1/…")");
  EXPECT_EQ(shown_value(R"(["h:1", "redis://:pw@h:2"])"), R"(["h:1", "redis://…@h:2"])");
  EXPECT_EQ(shown_value(R"("https://h/p?key=secret")"), R"("https://h/…")");
  EXPECT_EQ(shown_value(R"("https://u:\"@h/")"), R"("https://…@h/…")");
  EXPECT_EQ(shown_value(R"(["https://*.a.example", "null"])"),
            R"(["https://*.a.example", "null"])");
  EXPECT_EQ(shown_value(R"("https://h?key=secret")"), R"("https://h/…")");
  EXPECT_EQ(shown_value("25"), "25");
  EXPECT_EQ(shown_value("\"open"), "\"open");
}

TEST(ConfigValuesTest, AChangedPasswordIsAChangeThatShowsNone) {
  EXPECT_EQ(lines("[redis]\nurl = 'redis://:one@h'\n", "[redis]\nurl = 'redis://:two@h'\n"),
            Lines{"redis.url: \"redis://…@h\" -> \"redis://…@h\" (restart)"});
}

TEST(ConfigValuesTest, WhatNeedsARestartIsLeftAsItWas) {
  const Config running = config_of("[server]\nthreads = 2\n[api]\nkey_file = '/a'\n");
  const Config wanted = config_of("[server]\nthreads = 3\n[limits]\ncommands = '7/1s'\n");
  const Config taken = without_restarts(wanted, running);
  EXPECT_EQ(taken.server.threads, 2u);
  EXPECT_EQ(taken.api.key_file, "/a");
  EXPECT_EQ(taken.limits.commands.count, 7u);
}

TEST(ConfigValuesTest, EveryKeyCanBeCopied) {
  const Config defaults;
  Config changed;
  for (const auto& key : config_keys()) key.copy(changed, defaults);
  EXPECT_TRUE(changes_between(values_of(defaults), values_of(changed)).empty());
}

}  // namespace
}  // namespace usher::config
