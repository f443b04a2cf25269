#include "gateway/admin_door.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace usher::gateway {
namespace {

bool answers(const char* host, const std::vector<std::string>& more = {}) {
  wire::HttpRequest request;
  if (host != nullptr) request.fields.push_back({"Host", host});
  const auto refusal = check_admin_host({.request = request}, more);
  EXPECT_TRUE(!refusal || refusal->problem == http::Problem::origin_blocked);
  return !refusal;
}

TEST(AdminDoorTest, AddressesAndNamesOfThisMachineAreAnswered) {
  for (const char* host :
       {"127.0.0.1:8081", "127.0.0.1", "10.1.2.3:8081", "[::1]:8081", "[fd00::1]", "localhost",
        "LOCALHOST:8081", "localhost.:8081", "a.localhost", "usher:8081", "x", ""}) {
    EXPECT_TRUE(answers(host)) << host;
  }
  EXPECT_TRUE(answers(nullptr)) << "HTTP/1.0";
}

TEST(AdminDoorTest, NamesThatWereMadeToLeadHereAreRefused) {
  for (const char* host :
       {"evil.example:8081", "127.0.0.1.nip.io", "localhost.evil.example", "a.xlocalhost", "127.1",
        "usher.evil.example", "evil.example.", "0x7f.0.0.1"}) {
    EXPECT_FALSE(answers(host)) << host;
  }
}

TEST(AdminDoorTest, ListedNamesAreAnsweredWithAnyPort) {
  const std::vector<std::string> more{"usher.monitoring.svc"};
  EXPECT_TRUE(answers("Usher.Monitoring.Svc:1", more));
  EXPECT_FALSE(answers("usher.evil.example", more));
  EXPECT_TRUE(answers("evil.example", {"*"}));
}

}  // namespace
}  // namespace usher::gateway
