#include "redis/revocations/revocation.h"

#include <gtest/gtest.h>

namespace usher::redis {
namespace {

using By = Revocation::By;

TEST(Revocation, ComesBackAsItWas) {
  for (const Revocation& revocation :
       {Revocation{By::session, "s 1", 1'800'000'000'000, 1'799'999'000},
        Revocation{By::user, "u", 1, 0}, Revocation{By::jti, "\n", 0, 5},
        Revocation{By::sid, "https://idp.example\nsid 1", 7, 6}}) {
    EXPECT_EQ(decode_revocation(field_of(revocation), value_of(revocation)), revocation);
    EXPECT_EQ(decode_revocation_message(message_of(revocation)), revocation);
  }
}

TEST(Revocation, WasMadeAtTheEndOfItsSecondAtTheLatest) {
  EXPECT_EQ(Revocation({By::user, "u", 0, 5}).revoked_at(),
            WallTime(std::chrono::milliseconds(5'999)));
}

TEST(Revocation, WhatIsNoneIsNothing) {
  EXPECT_FALSE(decode_revocation("s", "1 1"));
  EXPECT_FALSE(decode_revocation("xname", "1 1"));
  EXPECT_FALSE(decode_revocation("sname", "1"));
  EXPECT_FALSE(decode_revocation("sname", "1 x"));
  EXPECT_FALSE(decode_revocation("sname", "-1 1"));
  EXPECT_FALSE(decode_revocation("sname", "99999999999999999999 1"));
  for (const char* message : {"", "1", "1 1", "1 1 ", "1 1 s", "x 1 sname"}) {
    EXPECT_FALSE(decode_revocation_message(message)) << message;
  }
}

}  // namespace
}  // namespace usher::redis
