#include "redis/tickets/grant_record.h"

#include <gtest/gtest.h>

namespace usher::redis {
namespace {

ticket::Grant full() {
  ticket::Grant grant;
  grant.session = std::string("s:\0\n", 4);
  grant.user = "ada";
  grant.jti = "j";
  grant.iat = -1;
  grant.token_exp = 1'800'000'000;
  grant.channels = {"news", "orders:*", ""};
  grant.subs = R"({"a":{}})";
  grant.origin = "";
  grant.info = R"({"name":"Ada"})";
  grant.sid = "https://issuer.example\n42";
  return grant;
}

ticket::Grant without_info() {
  ticket::Grant grant = full();
  grant.info.clear();
  grant.sid.clear();
  return grant;
}

TEST(GrantRecord, ComesBackAsItWas) {
  EXPECT_EQ(decode_grant(encode_grant(full())), full());
  EXPECT_EQ(decode_grant(encode_grant({})), ticket::Grant());
}

TEST(GrantRecord, OneThatAnEarlierVersionWroteIsRead) {
  using namespace std::string_view_literals;
  const auto record =
      "14:s:\0\n3:ada1:j8:{\"a\":{}}1:12:-110:18000000001:10:1:34:news8:orders:*0:"sv;
  EXPECT_EQ(decode_grant(record), without_info());
}

TEST(GrantRecord, WithoutInfoAndSidItIsWrittenAsAnEarlierVersionReadsIt) {
  EXPECT_TRUE(encode_grant(without_info()).starts_with("14:"));
  for (std::string ticket::Grant::*const part : {&ticket::Grant::info, &ticket::Grant::sid}) {
    ticket::Grant grant = without_info();
    grant.*part = "7";
    EXPECT_TRUE(encode_grant(grant).starts_with("24:"));
    EXPECT_EQ(decode_grant(encode_grant(grant)), grant);
  }
}

TEST(GrantRecord, InfoThatIsNoJsonOnOneLineIsNone) {
  for (const auto* info : {"{", "1 2", "{}\n", "[\r]", "\"\xff\"", "\n7"}) {
    ticket::Grant grant = full();
    grant.info = info;
    EXPECT_FALSE(decode_grant(encode_grant(grant))) << info;
  }
}

TEST(GrantRecord, AnEmptyOriginIsNotNone) {
  ticket::Grant grant;
  grant.origin = "";
  EXPECT_TRUE(decode_grant(encode_grant(grant))->origin.has_value());
  EXPECT_FALSE(decode_grant(encode_grant({}))->origin.has_value());
}

TEST(GrantRecord, NoPartOfOneIsOne) {
  const std::string whole = encode_grant(full());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_grant(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_grant(whole + "0:"));
}

TEST(GrantRecord, NamesThatAreNoUtf8AreNone) {
  for (std::string ticket::Grant::*const name : {&ticket::Grant::session, &ticket::Grant::user}) {
    ticket::Grant grant = full();
    grant.*name = "a\xff";
    EXPECT_FALSE(decode_grant(encode_grant(grant)));
  }
}

TEST(GrantRecord, OtherBytesAreNone) {
  for (const std::string_view text :
       {"", "2", "3", "garbage", "1", "1-1:", "18446744073709551616:", "10:0:0:0:1:x1:00:1:00:",
        "10:0:0:0:1:01:01:02:-1", "10:0:0:0:1:01:01:012:999999999999"}) {
    EXPECT_FALSE(decode_grant(text)) << text;
  }
}

}  // namespace
}  // namespace usher::redis
