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

TEST(LogIdentityTest, NamesAreHashedWhenALineIsWrittenAndNotBefore) {
  std::vector<LogField> fields;
  const LogIdentity who(Identities::hash, "0123456789abcdef", "s1", "");
  who.append_to(fields);
  ASSERT_EQ(fields.size(), 2u) << "there is no user";
  EXPECT_EQ(std::get<std::string_view>(fields[0].value), "0123456789abcdef");
  EXPECT_EQ(fields[1].form, LogField::Form::hash);
  EXPECT_EQ(std::get<std::string_view>(fields[1].value), "s1");
  EXPECT_EQ(format_log_text("m", std::span(fields).last(1)),
            "m { session: '" + identity_for_log(Identities::hash, "s1") + "' }");
}

TEST(LogIdentityTest, AnIdentityThatIsNotKnownLeavesNoField) {
  std::vector<LogField> fields;
  LogIdentity().append_to(fields);
  LogIdentity(Identities::off, {}, "s1", "ada").append_to(fields);
  EXPECT_TRUE(fields.empty());
}

}  // namespace
}  // namespace usher
