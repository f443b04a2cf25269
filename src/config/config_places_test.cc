#include "config/config_places.h"

#include <gtest/gtest.h>

namespace usher::config {
namespace {

TEST(ConfigPlacesTest, AKeyAndAListsEntryHaveTheirPlaces) {
  ConfigPlaces places("usher.toml");
  places.set("client.allowed_origins", "usher.toml:2:1", {"usher.toml:3:3", "usher.toml:4:3"});
  EXPECT_EQ(places.of("client.allowed_origins"), "usher.toml:2:1");
  EXPECT_EQ(places.of("client.allowed_origins", 1), "usher.toml:4:3");
  EXPECT_EQ(places.of("client.allowed_origins", 2), "usher.toml:2:1");
  EXPECT_EQ(places.of("never.said"), "usher.toml");
  places.set("client.allowed_origins", "USHER_CLIENT_ALLOWED_ORIGINS");
  EXPECT_EQ(places.of("client.allowed_origins", 1), "USHER_CLIENT_ALLOWED_ORIGINS");
  EXPECT_EQ(ConfigPlaces().of("never.said"), "");
}

TEST(ConfigPlacesTest, ASentenceBeginsWithItsKey) {
  EXPECT_EQ(ConfigPlaces::key_of("tls.key_file 'x' can't be read"), "tls.key_file");
  EXPECT_EQ(ConfigPlaces::key_of("redis.url: its port"), "redis.url");
  EXPECT_EQ(ConfigPlaces::key_of(""), "");
}

TEST(ConfigPlacesTest, OfAUrlSchemeAndHostAreShownAndNothingElse) {
  EXPECT_EQ(shown_url("https://backend.example"), "https://backend.example");
  EXPECT_EQ(shown_url("https://backend.example:80/T0/secret?token=x"),
            "https://backend.example:80/…");
  EXPECT_EQ(shown_url("redis://user:pa/ss@w?rd@host:6379/0"), "redis://…@host:6379/…");
  EXPECT_EQ(shown_url("backend:80/hook"), "backend:80/…");
  EXPECT_EQ(shown_url("user:word@backend"), "…@backend");
  EXPECT_EQ(shown_url("https://a\nb\xC3\xA9"), "https://a?b??");
  EXPECT_EQ(shown_url(std::string(100, 'x')).size(), 60u);
  EXPECT_EQ(shown_url(""), "");
}

}  // namespace
}  // namespace usher::config
