#include "auth/key.h"

#include <gtest/gtest.h>

#include <vector>

namespace usher::auth {
namespace {

using enum Algorithm;

TEST(KeyTest, WithoutConfigurationEachKindHasItsDefault) {
  EXPECT_EQ(algorithm_for(KeyKind::secret, {}), hs256);
  EXPECT_EQ(algorithm_for(KeyKind::rsa, {}), rs256);
  EXPECT_EQ(algorithm_for(KeyKind::ec_p256, {}), es256);
  EXPECT_EQ(algorithm_for(KeyKind::ec_p384, {}), es384);
  EXPECT_EQ(algorithm_for(KeyKind::ec_p521, {}), es512);
  EXPECT_EQ(algorithm_for(KeyKind::ed25519, {}), eddsa);
}

TEST(KeyTest, TheOnlyFittingOneOfTheConfiguredAlgorithmsIsTheKeys) {
  const std::vector<Algorithm> allowed{es256, ps384, hs512, ps384};
  EXPECT_EQ(algorithm_for(KeyKind::rsa, allowed), ps384);
  EXPECT_EQ(algorithm_for(KeyKind::secret, allowed), hs512);
  EXPECT_EQ(algorithm_for(KeyKind::ec_p256, allowed), es256);
}

TEST(KeyTest, AmongSeveralTheDefaultDecidesAndWithoutItNobodyDoes) {
  EXPECT_EQ(algorithm_for(KeyKind::rsa, std::vector{ps256, rs256}), rs256);
  EXPECT_THROW(algorithm_for(KeyKind::rsa, std::vector{ps256, ps384}), KeyError);
}

TEST(KeyTest, APublicKeyServesAllConfiguredAlgorithmsThatFitIt) {
  EXPECT_EQ(algorithms_for(KeyKind::rsa, {}), std::vector{rs256});
  EXPECT_EQ(algorithms_for(KeyKind::rsa, std::vector{ps256, es256, rs256, ps256}),
            (std::vector{ps256, rs256}));
  EXPECT_EQ(algorithms_for(KeyKind::ec_p256, std::vector{ps256, es256}), std::vector{es256});
  EXPECT_THROW(algorithms_for(KeyKind::ed25519, std::vector{es256}), KeyError);
}

TEST(KeyTest, AKeyThatNoConfiguredAlgorithmFitsIsRefused) {
  EXPECT_THROW(algorithm_for(KeyKind::secret, std::vector{rs256}), KeyError);
  EXPECT_THROW(algorithm_for(KeyKind::ec_p384, std::vector{es256}), KeyError);
}

}  // namespace
}  // namespace usher::auth
