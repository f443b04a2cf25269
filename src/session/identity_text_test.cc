#include "session/identity_text.h"

#include <string>

#include <gtest/gtest.h>

namespace usher::session {
namespace {

TEST(IdentityTextTest, KeepsTheThreeApartWhateverIsEmpty) {
  const IdentityText all("sess_1", "ada", "j");
  EXPECT_EQ(all.session(), "sess_1");
  EXPECT_EQ(all.user(), "ada");
  EXPECT_EQ(all.jti(), "j");
  const IdentityText guest("sess_1", "", "");
  EXPECT_EQ(guest.session(), "sess_1");
  EXPECT_TRUE(guest.user().empty() && guest.jti().empty());
  EXPECT_TRUE(IdentityText().session().empty());
}

TEST(IdentityTextTest, TakesWhatATokenMayHold) {
  const std::string longest(255, 'x');
  const IdentityText text(longest, longest, longest);
  EXPECT_EQ(text.session(), longest);
  EXPECT_EQ(text.user(), longest);
  EXPECT_EQ(text.jti(), longest);
}

}  // namespace
}  // namespace usher::session
