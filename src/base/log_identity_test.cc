#include "base/log_identity.h"

#include <gtest/gtest.h>

namespace usher {
namespace {

TEST(LogIdentityTest, AHashIsTheOneThatAShellComputes) {
  EXPECT_EQ(identity_for_log(Identities::hash, "abc"), "ba7816bf8f01");
  EXPECT_EQ(identity_for_log(Identities::plain, "abc"), "abc");
  EXPECT_EQ(identity_for_log(Identities::off, "abc"), "");
  EXPECT_EQ(identity_for_log(Identities::hash, ""), "") << "who has no user is not one";
}

TEST(LogIdentityTest, APersonalChannelNamesNobodyEither) {
  EXPECT_EQ(channel_for_log(Identities::hash, "user:abc"), "user:ba7816bf8f01");
  EXPECT_EQ(channel_for_log(Identities::off, "session:abc"), "session:");
  EXPECT_EQ(channel_for_log(Identities::plain, "user:abc"), "user:abc");
  EXPECT_EQ(channel_for_log(Identities::hash, "users:abc"), "users:abc");
}

}  // namespace
}  // namespace usher
