#include "auth/key_set.h"

#include <gtest/gtest.h>

#include "auth/jwt_test_keys.h"

namespace usher::auth {
namespace {

using test::with_kid;

TEST(KeySetTest, HoldsAtMostItsMaximumOfOneAlgorithm) {
  KeySet set;
  for (std::size_t i = 0; i < KeySet::kKeysMax; ++i) set.add(secret_key(test::kSecret));
  EXPECT_EQ(set.keys().size(), KeySet::kKeysMax);
  EXPECT_THROW(set.add(secret_key(test::kSecret)), KeyError);
  set.add(secret_key(test::kSecret, Algorithm::hs512));
  KeySet other({secret_key(test::kOtherSecret)});
  other.append(set);
  EXPECT_EQ(other.keys().size(), KeySet::kKeysMax + 2);
}

TEST(KeySetTest, AKidMayNameSeveralKeys) {
  KeySet set({with_kid(secret_key(test::kSecret), "a"), with_kid(secret_key(test::kSecret), "b")});
  set.add(with_kid(secret_key(test::kOtherSecret), "a"));
  set.add(secret_key(test::kOtherSecret));
  set.add(secret_key(test::kOtherSecret));
  EXPECT_EQ(set.keys().size(), 5u);
}

}  // namespace
}  // namespace usher::auth
