#include "client_net/credentials.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace usher::client_net {
namespace {

TEST(CredentialsTest, CookiesAndOtherFieldsCanBeSent) {
  EXPECT_EQ(fault_of({}, true), std::nullopt);
  EXPECT_EQ(fault_of({{"Cookie", "sid=1; theme=d\xC3\xA4rk"}, {"X-Device", ""}}, true),
            std::nullopt);
  EXPECT_EQ(fault_of({{"Authorization", "Basic dTpw"}}, false), std::nullopt);
}

TEST(CredentialsTest, AFieldThatWouldForgeARequestCannot) {
  EXPECT_EQ(fault_of({{"", "x"}}, false), "a field's name is malformed");
  EXPECT_EQ(fault_of({{"Cookie:", "x"}}, false), "a field's name is malformed");
  EXPECT_EQ(fault_of({{"Cookie\r\nX", "x"}}, false), "a field's name is malformed");
  EXPECT_EQ(fault_of({{"Cookie", "a\r\nHost: b"}}, false),
            "the value of Cookie has a control character");
  EXPECT_EQ(fault_of({{"Cookie", std::string("a\0b", 3)}}, false),
            "the value of Cookie has a control character");
}

TEST(CredentialsTest, TheClientsOwnFieldsAreNotForOthers) {
  for (const char* name : {"Host", "content-length", "Transfer-Encoding", "Connection", "ORIGIN"}) {
    EXPECT_EQ(fault_of({{name, "x"}}, false),
              "the field " + std::string(name) + " is the client's own");
  }
  EXPECT_EQ(fault_of({{"authorization", "x"}}, true),
            "the field authorization is the client's own");
}

TEST(CredentialsTest, AllTogetherHaveAtMost16KiB) {
  const std::string name = "Cookie";
  const std::string fits((16 << 10) - name.size(), 'c');
  EXPECT_EQ(fault_of({{name, fits}}, false), std::nullopt);
  EXPECT_EQ(fault_of({{name, fits + "c"}}, false), "they have more than 16 KiB");
}

TEST(CredentialsTest, TheyGoOverTlsOrNotBeyondThisMachine) {
  for (const char* url : {"https://gw.example", "wss://gw.example/rt", "http://localhost:8080",
                          "ws://127.0.0.1:1", "http://[::1]"}) {
    EXPECT_NO_THROW(check_credentials_url(url));
  }
  for (const char* url : {"http://gw.example", "ws://gw.example", "http://localhost.example"})
    EXPECT_THROW(check_credentials_url(url), std::invalid_argument);
}

}  // namespace
}  // namespace usher::client_net
