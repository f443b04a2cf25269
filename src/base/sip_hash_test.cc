#include "base/sip_hash.h"

#include <string>

#include <gtest/gtest.h>

#include "support/seeded_entropy.h"

namespace usher {
namespace {

// The key 00 01 … 0f, as the paper and the reference implementation's vectors have it.
constexpr SipKey kPapersKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

std::string counting_bytes(int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST(SipHashTest, AgreesWithThePublishedVectors) {
  EXPECT_EQ(sip_hash(kPapersKey, counting_bytes(0)), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(sip_hash(kPapersKey, counting_bytes(1)), 0x74f839c593dc67fdu);
  EXPECT_EQ(sip_hash(kPapersKey, counting_bytes(8)), 0x93f5f5799a932462u);
  EXPECT_EQ(sip_hash(kPapersKey, counting_bytes(15)), 0xa129ca6149be45e5u);
}

TEST(SipHashTest, DependsOnTheKey) {
  test::SeededEntropy entropy;
  const SipKey one = SipKey::random(entropy);
  const SipKey other = SipKey::random(entropy);
  EXPECT_NE(sip_hash(one, "session"), sip_hash(other, "session"));
  EXPECT_EQ(sip_hash(one, "session"), sip_hash(one, std::string("session")));
}

}  // namespace
}  // namespace usher
