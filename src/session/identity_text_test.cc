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

TEST(IdentityTextTest, TimesAreKeptWhereTheyMatter) {
  constexpr std::int64_t kYear9999 = 253402300799;
  const IdentityText all("s", "ada", "j", {1'700'000'000, kYear9999});
  EXPECT_EQ(all.iat(), 1'700'000'000);
  EXPECT_EQ(all.exp(), kYear9999);
  EXPECT_EQ(all.session(), "s");
  EXPECT_EQ(all.jti(), "j");
  const IdentityText undated("s", "ada", "j", {std::nullopt, 7});
  EXPECT_FALSE(undated.iat().has_value());
  EXPECT_EQ(undated.exp(), 7);
  const IdentityText nameless("s", "ada", "", {0, 7});
  EXPECT_EQ(nameless.iat(), 0) << "is a time like others";
  EXPECT_EQ(nameless.exp(), 0) << "no token id: it is not asked for";
  EXPECT_EQ(nameless.user(), "ada");
  EXPECT_FALSE(IdentityText().iat().has_value());
}

TEST(IdentityTextTest, ATimeBeyondTheLimitsCountsAsTheNearestOne) {
  const IdentityText text("s", "", "j", {-5, INT64_MAX});
  EXPECT_EQ(text.iat(), 0);
  EXPECT_EQ(text.exp(), (std::int64_t{1} << 40) - 1);
}

TEST(IdentityTextTest, WhereAConnectionCameFromStaysWhenItsTokenChanges) {
  const std::string origin = "https://" + std::string(300, 'a');
  IdentityText text(CameFrom{origin, "1234"});
  EXPECT_TRUE(text.session().empty());
  text = IdentityText("s", "ada", "j", {1, 2}, text.from());
  EXPECT_EQ(text.from().origin, origin);
  EXPECT_EQ(text.from().address_key, "1234");
  EXPECT_EQ(text.jti(), "j");
  EXPECT_EQ(text.iat(), 1);
}

TEST(IdentityTextTest, AnEmptyOriginIsNotNone) {
  EXPECT_EQ(IdentityText(CameFrom{"", ""}).from().origin, "");
  EXPECT_FALSE(IdentityText("s", "", "").from().origin.has_value());
  EXPECT_FALSE(IdentityText().from().origin.has_value());
}

}  // namespace
}  // namespace usher::session
