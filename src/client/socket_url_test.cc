#include "client/socket_url.h"

#include <gtest/gtest.h>

namespace usher::client {
namespace {

TEST(SocketUrlTest, HttpBecomesWsAndThePathStays) {
  EXPECT_EQ(socket_url("https://gw.example", "ab"), "wss://gw.example/ws?ticket=ab");
  EXPECT_EQ(socket_url("http://gw.example:8080/", "ab"), "ws://gw.example:8080/ws?ticket=ab");
  EXPECT_EQ(socket_url("HTTPS://gw.example/real/time/", "ab"),
            "wss://gw.example/real/time/ws?ticket=ab");
  EXPECT_EQ(socket_url("wss://gw.example/p", "ab"), "wss://gw.example/p/ws?ticket=ab");
  EXPECT_EQ(socket_url("http://[::1]:8080", "ab"), "ws://[::1]:8080/ws?ticket=ab");
}

TEST(SocketUrlTest, QueryAndFragmentOfTheBaseAreLeftOut) {
  EXPECT_EQ(base_url("https://gw.example/a/?x=1/"), "https://gw.example/a");
  EXPECT_EQ(base_url("https://gw.example//#top"), "https://gw.example");
}

TEST(SocketUrlTest, AStrangeTicketCannotBreakOutOfItsParameter) {
  EXPECT_EQ(socket_url("https://g", "a&b=c #\xC3\xA9"), "wss://g/ws?ticket=a%26b%3Dc%20%23%C3%A9");
  EXPECT_EQ(socket_url("https://g", "-_.!~*'()"), "wss://g/ws?ticket=-_.!~*'()");
}

TEST(SocketUrlTest, ARawUrlIsKeptAndGetsTheTicketAsItsLastParameter) {
  EXPECT_EQ(raw_socket_url("https://gw.example", "ab"), "wss://gw.example?ticket=ab");
  EXPECT_EQ(raw_socket_url("HTTP://gw.example/board", "ab"), "ws://gw.example/board?ticket=ab");
  EXPECT_EQ(raw_socket_url("https://gw.example/board/", "ab"), "wss://gw.example/board/?ticket=ab");
  EXPECT_EQ(raw_socket_url("wss://g/b?room=7", "ab"), "wss://g/b?room=7&ticket=ab");
  EXPECT_EQ(raw_socket_url("WSS://G/B?", "ab"), "wss://G/B?ticket=ab");
  EXPECT_EQ(raw_socket_url("wss://g/b?", "ab"), "wss://g/b?ticket=ab");
  EXPECT_EQ(raw_socket_url("wss://g/b?room=7&", "ab"), "wss://g/b?room=7&ticket=ab");
  EXPECT_EQ(raw_socket_url("wss://g/b#top?", "ab"), "wss://g/b?ticket=ab");
  EXPECT_EQ(raw_socket_url("wss://g/b", "a&b#"), "wss://g/b?ticket=a%26b%23");
}

TEST(SocketUrlTest, TheRootIsTheUrlUpToItsPath) {
  EXPECT_EQ(root_url("https://gw.example:8443/board/?a=/b#c"), "https://gw.example:8443");
  EXPECT_EQ(root_url("ws://[::1]:8080"), "ws://[::1]:8080");
  EXPECT_EQ(root_url("http://gw.example?room=7"), "http://gw.example");
}

TEST(SocketUrlTest, ATicketInTheQueryIsFound) {
  for (const char* url : {"ws://g/b?ticket=1", "ws://g/b?a=1&ticket", "ws://g/b?ticket&a"})
    EXPECT_TRUE(names_ticket(url)) << url;
  for (const char* url : {"ws://g/ticket", "ws://g/b?tickets=1&a=ticket", "ws://g/b#?ticket=1"})
    EXPECT_FALSE(names_ticket(url)) << url;
}

TEST(SocketUrlTest, LoopbackIsToldByTheHostAlone) {
  for (const char* url :
       {"http://localhost", "http://LOCALHOST:8080/x", "ws://app.localhost/", "http://127.0.0.1:1",
        "http://127.8.9.10", "http://[::1]:8080/x", "http://user@localhost/"}) {
    EXPECT_TRUE(is_loopback(url)) << url;
  }
  for (const char* url :
       {"https://gw.example", "http://localhost.example", "http://127.0.0.1.example",
        "http://127.1", "http://128.0.0.1", "http://gw.example/localhost",
        "http://localhost@gw.example", "http://[::2]", "http://[::1].example", "localhost", ""}) {
    EXPECT_FALSE(is_loopback(url)) << url;
  }
}

}  // namespace
}  // namespace usher::client
