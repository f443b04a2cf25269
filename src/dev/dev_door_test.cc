#include "dev/dev_door.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace usher::dev {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Caller {
  std::string peer = "127.0.0.1";
  Fields fields = {};
  bool secure = false;
};

template <class Check>
std::string refused(Check check, const Caller& caller) {
  wire::HttpRequest request;
  for (const auto& [name, value] : caller.fields) request.fields.push_back({name, value});
  const auto refusal =
      check({.request = request, .peer_address = caller.peer, .secure = caller.secure});
  if (!refusal) return "";
  EXPECT_EQ(refusal->problem, http::Problem::origin_blocked);
  return std::string(refusal->log_reason);
}

std::string read(const Caller& caller) { return refused(check_dev_reader, caller); }
std::string call(const Caller& caller) { return refused(check_dev_caller, caller); }

TEST(DevDoorTest, ThePageOfThisMachineMayReadAndCall) {
  for (const char* host : {"127.0.0.1:8080", "localhost:8080", "[::1]:8080", "localhost"}) {
    const Fields fields = {{"Host", host}, {"Origin", "http://" + std::string(host)}};
    EXPECT_EQ(read({.fields = fields}), "") << host;
    EXPECT_EQ(call({.fields = fields}), "") << host;
  }
  EXPECT_EQ(read({.fields = {{"Host", "localhost:8080"}}}), "");
}

TEST(DevDoorTest, PeersInTheNetworkAreRefusedWhateverTheirHeadersSay) {
  const Fields fields = {{"Host", "127.0.0.1:8080"}, {"Origin", "http://127.0.0.1:8080"}};
  for (const char* peer :
       {"192.168.1.7", "10.0.0.1", "::2", "fe80::1", "::ffff:192.0.2.1", "", "unix", "12.7.0.1"}) {
    EXPECT_EQ(read({.peer = peer, .fields = fields}), "peer") << peer;
    EXPECT_EQ(call({.peer = peer, .fields = fields}), "peer") << peer;
  }
  for (const char* peer : {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(call({.peer = peer, .fields = fields}), "") << peer;
  }
}

TEST(DevDoorTest, NamesThatWereMadeToLeadHereAreRefusedThoughHostAndOriginAgree) {
  for (const char* host : {"evil.example:8080", "127.0.0.1.nip.io", "localhost.evil.example",
                           "127.0.0.2:8080", "", "localhost/", "a b"}) {
    const Fields fields = {{"Host", host}, {"Origin", "http://" + std::string(host)}};
    EXPECT_EQ(read({.fields = fields}), "host") << host;
    EXPECT_EQ(call({.fields = fields}), "host") << host;
  }
  EXPECT_EQ(read({}), "host");
}

TEST(DevDoorTest, PagesOfOtherOriginsAreRefused) {
  for (const char* origin :
       {"https://evil.example", "null", "", "http://127.0.0.1:5173", "http://localhost:8080",
        "https://127.0.0.1:8080", "http://127.0.0.1:8080/", "http://127.0.0.1"}) {
    const Fields fields = {{"Host", "127.0.0.1:8080"}, {"Origin", origin}};
    EXPECT_EQ(read({.fields = fields}), "origin") << origin;
    EXPECT_EQ(call({.fields = fields}), "origin") << origin;
  }
}

TEST(DevDoorTest, ACallWithoutAnOriginIsRefused) {
  EXPECT_EQ(call({.fields = {{"Host", "127.0.0.1:8080"}}}), "origin");
}

TEST(DevDoorTest, BehindTlsTheSchemeIsPartOfTheOrigin) {
  const Fields fields = {{"Host", "localhost"}, {"Origin", "https://localhost"}};
  EXPECT_EQ(call({.fields = fields, .secure = true}), "");
  EXPECT_EQ(call({.fields = fields, .secure = false}), "origin");
}

}  // namespace
}  // namespace usher::dev
