#include "redis/link/url.h"

#include <gtest/gtest.h>

#include "support/print_result.h"

namespace usher::redis {
namespace {

using Kind = Address::Kind;

Address good(std::string_view url) {
  const auto parsed = parse_url(url);
  EXPECT_TRUE(parsed.has_value()) << url;
  return parsed ? *parsed : Address();
}

UrlError bad(std::string_view url) {
  const auto parsed = parse_url(url);
  EXPECT_FALSE(parsed.has_value()) << url;
  return parsed ? UrlError{} : parsed.error();
}

TEST(RedisUrl, HostAloneMeansTheUsualPortAndTheFirstDatabase) {
  EXPECT_EQ(good("redis://cache"), (Address{.kind = Kind::tcp, .host = "cache", .port = "6379"}));
  EXPECT_EQ(good("redis://cache/"), good("redis://cache:6379/0"));
}

TEST(RedisUrl, EverythingAtOnce) {
  EXPECT_EQ(good("rediss://gate:s%40cret%25@[::1]:7000/12"), (Address{.kind = Kind::tls,
                                                                      .host = "::1",
                                                                      .port = "7000",
                                                                      .user = "gate",
                                                                      .password = "s@cret%",
                                                                      .database = 12}));
}

TEST(RedisUrl, APasswordWithoutAUserIsTheDefaultUsers) {
  const Address address = good("redis://:p%3Aw@h");
  EXPECT_EQ(address.user, "");
  EXPECT_EQ(address.password, "p:w");
}

TEST(RedisUrl, AnAtSignInThePasswordEndsItOnlyWhereTheLastOneStands) {
  EXPECT_EQ(good("redis://u:a@b@h").password, "a@b");
  EXPECT_EQ(good("redis://u:a@b@h").host, "h");
}

TEST(RedisUrl, UnixSocketsWithAndWithoutADatabase) {
  EXPECT_EQ(good("unix:///run/redis.sock"),
            (Address{.kind = Kind::unix_socket, .host = "/run/redis.sock"}));
  const Address address = good("unix://u:pw@/run/a%20b.sock?db=3");
  EXPECT_EQ(address.host, "/run/a b.sock");
  EXPECT_EQ(address.database, 3u);
  EXPECT_EQ(address.password, "pw");
}

TEST(RedisUrl, EachMistakeHasItsName) {
  EXPECT_EQ(bad("http://h"), UrlError::scheme_unknown);
  EXPECT_EQ(bad("cache:6379"), UrlError::scheme_unknown);
  EXPECT_EQ(bad("redis://"), UrlError::host_missing);
  EXPECT_EQ(bad("redis://:pw@:6379"), UrlError::host_missing);
  EXPECT_EQ(bad("redis://h:0"), UrlError::port_invalid);
  EXPECT_EQ(bad("redis://h:65536"), UrlError::port_invalid);
  EXPECT_EQ(bad("redis://h:"), UrlError::port_invalid);
  EXPECT_EQ(bad("redis://h/x"), UrlError::database_invalid);
  EXPECT_EQ(bad("redis://h/65536"), UrlError::database_invalid);
  EXPECT_EQ(bad("redis://u:%4@h"), UrlError::escape_invalid);
  EXPECT_EQ(bad("redis://u:%zz@h"), UrlError::escape_invalid);
  EXPECT_EQ(bad("redis://u@h"), UrlError::user_without_password);
  EXPECT_EQ(bad("redis://u:@h"), UrlError::user_without_password);
  EXPECT_EQ(bad("unix://run/redis.sock"), UrlError::path_missing);
  EXPECT_EQ(bad("unix:///s?database=1"), UrlError::query_unknown);
  EXPECT_EQ(bad("unix:///s?db=-1"), UrlError::database_invalid);
  EXPECT_EQ(bad("redis://h?db=1"), UrlError::query_unknown);
  EXPECT_EQ(bad("redis://h h"), UrlError::malformed);
  EXPECT_EQ(bad("redis://[::1"), UrlError::malformed);
  EXPECT_EQ(bad("redis://h#x"), UrlError::malformed);
  EXPECT_EQ(bad("unix:///" + std::string(107, 'x')), UrlError::malformed);
  EXPECT_EQ(good("unix:///" + std::string(106, 'x')).host.size(), 107u);
}

TEST(RedisUrl, TheLogSeesNeitherUserNorPassword) {
  EXPECT_EQ(good("redis://gate:secret@[::1]:7/1").for_log(), "[::1]:7");
  EXPECT_EQ(good("unix://gate:secret@/run/s").for_log(), "/run/s");
}

TEST(RedisUrl, SentinelsHaveAPortOfTheirOwn) {
  EXPECT_EQ(parse_sentinel("s1")->port, "26379");
  EXPECT_EQ(parse_sentinel("s1:7000")->port, "7000");
  EXPECT_EQ(parse_sentinel("rediss://:pw@s1")->kind, Kind::tls);
  EXPECT_EQ(parse_sentinel("").error(), UrlError::host_missing);
}

}  // namespace
}  // namespace usher::redis
