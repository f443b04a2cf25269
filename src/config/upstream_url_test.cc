#include "config/upstream_url.h"

#include <gtest/gtest.h>

namespace usher::config {
namespace {

TEST(UpstreamUrlTest, ReadsWhereAnUpstreamListens) {
  struct Row {
    std::string url;
    bool tls;
    std::string host, port, unix_path, authority, target;
  };
  for (const Row& row : {
           Row{"http://127.0.0.1:3000/socket", false, "127.0.0.1", "3000", "", "127.0.0.1:3000",
               "/socket"},
           Row{"http://backend.example", false, "backend.example", "80", "", "backend.example",
               "/"},
           Row{"http://backend:80/", false, "backend", "80", "", "backend", "/"},
           Row{"https://backend.example/a/b?v=2", true, "backend.example", "443", "",
               "backend.example", "/a/b?v=2"},
           Row{"https://backend.example:8443?v=2", true, "backend.example", "8443", "",
               "backend.example:8443", "/?v=2"},
           Row{"http://[::1]:3000/s", false, "::1", "3000", "", "[::1]:3000", "/s"},
           Row{"unix:/run/app.sock:/socket", false, "", "", "/run/app.sock", "localhost",
               "/socket"},
           Row{"unix:/run/app.sock:/", false, "", "", "/run/app.sock", "localhost", "/"},
           Row{"unix:/run/app.sock", false, "", "", "/run/app.sock", "localhost", "/"},
           Row{"unix:/run/app.sock:/a/b?v=2", false, "", "", "/run/app.sock", "localhost",
               "/a/b?v=2"},
       }) {
    const auto url = parse_upstream_url(row.url);
    ASSERT_TRUE(url) << row.url;
    EXPECT_EQ(url->tls, row.tls) << row.url;
    EXPECT_EQ(url->host, row.host) << row.url;
    EXPECT_EQ(url->port, row.port) << row.url;
    EXPECT_EQ(url->unix_path, row.unix_path) << row.url;
    EXPECT_EQ(url->authority, row.authority) << row.url;
    EXPECT_EQ(url->target, row.target) << row.url;
  }
}

TEST(UpstreamUrlTest, RefusesWhatIsNoSuchUrl) {
  using namespace std::literals;
  for (const std::string& text :
       {""s, "board"s, "/board"s, "127.0.0.1:3000"s, "localhost:3000/socket"s,
        // Other schemes.
        "tcp://127.0.0.1:3000"s, "ftp://x"s, "http:/127.0.0.1"s, "http://"s, "http:///socket"s,
        "http://:3000"s, "http://a:b"s, "http://a:70000"s, "http://[::1"s,
        // Secrets do not belong into a URL, and a fragment is not sent.
        "http://user:password@127.0.0.1:3000"s, "https://user@backend.example"s, "http://a/b#c"s,
        "unix:/run/app.sock:/a#b"s,
        // A space or another byte would end the request line.
        "http://a/b c"s, "http://a/b\r\nX: y"s, "http://a/\xc3\xab"s, "http://a/b\x7f"s,
        " http://a"s, "http://a/\0b"s, "unix:/run/a b.sock"s,
        // A socket's path is absolute, and fits its address.
        "unix:"s, "unix:run/app.sock"s, "unix:app.sock:/socket"s, "unix::/socket"s,
        "unix:/" + std::string(107, 'a')}) {
    EXPECT_FALSE(parse_upstream_url(text)) << text;
  }
}

TEST(UpstreamUrlTest, ASocketsPathMayBeAsLongAsItsAddressHolds) {
  const std::string longest = "/" + std::string(106, 'a');  // and a NUL: 108 bytes
  const auto url = parse_upstream_url("unix:" + longest + ":/socket");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->unix_path, longest);
  EXPECT_EQ(url->target, "/socket");
}

TEST(UpstreamUrlTest, AHostMayBeAsLongAsANameOfTheDns) {
  const std::string longest(253, 'a');
  EXPECT_TRUE(parse_upstream_url("https://" + longest + "/socket"));
  EXPECT_FALSE(parse_upstream_url("https://a" + longest + "/socket"));
}

TEST(UpstreamUrlTest, ReadsWsAndWssAsHttpAndHttps) {
  for (const auto& [text, same] :
       {std::pair("ws://127.0.0.1:3000/a?b", "http://127.0.0.1:3000/a?b"),
        std::pair("wss://app.example", "https://app.example")}) {
    const auto one = parse_upstream_url(text);
    const auto other = parse_upstream_url(same);
    ASSERT_TRUE(one && other) << text;
    EXPECT_EQ(one->tls, other->tls) << text;
    EXPECT_EQ(one->port, other->port) << text;
    EXPECT_EQ(one->authority, other->authority) << text;
    EXPECT_EQ(one->target, other->target) << text;
  }
}

TEST(UpstreamUrlTest, APathOfItsOwnIsThePathOnThisGateway) {
  const auto path = [](std::string_view text) {
    return path_for_upstream(parse_upstream_url(text).value());
  };
  EXPECT_EQ(path("http://127.0.0.1:3000/socket?room=1"), "/socket");
  EXPECT_EQ(path("unix:/run/app.sock:/cable"), "/cable");
  for (const char* taken : {"http://a", "http://a/", "http://a/?x", "http://a/ws", "http://a/dev",
                            "http://a/connection/websocket", "http://a/api/x", "http://a/auth/x"}) {
    EXPECT_EQ(path(taken), "/upstream") << taken;
  }
}

}  // namespace
}  // namespace usher::config
