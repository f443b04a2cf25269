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
  return grant;
}

TEST(GrantRecord, ComesBackAsItWas) {
  EXPECT_EQ(decode_grant(encode_grant(full())), full());
  EXPECT_EQ(decode_grant(encode_grant({})), ticket::Grant());
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
       {"", "2", "garbage", "1", "1-1:", "18446744073709551616:", "10:0:0:0:1:x1:00:1:00:",
        "10:0:0:0:1:01:01:02:-1", "10:0:0:0:1:01:01:012:999999999999"}) {
    EXPECT_FALSE(decode_grant(text)) << text;
  }
}

}  // namespace
}  // namespace usher::redis
