#include "redis/link/packing.h"

#include <gtest/gtest.h>

#include <limits>

namespace usher::redis {
namespace {

constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();

TEST(Packing, NumbersAndBytesComeBackAsTheyWent) {
  const std::string bytes("\0\xff\n{", 4);
  Packer packer;
  packer.number(0).number(127).number(128).number(kMax).text("").text(bytes);
  const std::string packed = packer.take();
  Unpacker unpacker(packed);
  EXPECT_EQ(unpacker.number(), 0u);
  EXPECT_EQ(unpacker.number(), 127u);
  EXPECT_EQ(unpacker.number(), 128u);
  EXPECT_EQ(unpacker.number(), kMax);
  EXPECT_EQ(unpacker.text(), "");
  EXPECT_FALSE(unpacker.done());
  EXPECT_EQ(unpacker.text(), bytes);
  EXPECT_TRUE(unpacker.done());
}

TEST(Packing, WhatIsCutShortIsNotOkAtEveryByte) {
  Packer packer;
  packer.number(300).text("hello");
  const std::string packed = packer.take();
  for (std::size_t size = 0; size < packed.size(); ++size) {
    Unpacker unpacker(std::string_view(packed).substr(0, size));
    unpacker.number();
    unpacker.text();
    EXPECT_FALSE(unpacker.ok()) << size;
    EXPECT_EQ(unpacker.number(), 0u);
    EXPECT_EQ(unpacker.text(), "");
  }
}

TEST(Packing, WhatIsLeftOverIsNotDone) {
  Unpacker unpacker(std::string_view("\x01\x02", 2));
  unpacker.number();
  EXPECT_TRUE(unpacker.ok());
  EXPECT_FALSE(unpacker.done());
}

TEST(Packing, ANumberOverSixtyFourBitsIsRefused) {
  const std::string most = std::string(9, '\xff') + '\x01';
  EXPECT_EQ(Unpacker(most).number(), kMax);
  for (const char last : {'\x02', '\x7f', '\xff'}) {
    const std::string packed = std::string(9, '\xff') + last;
    Unpacker unpacker(packed);
    EXPECT_EQ(unpacker.number(), 0u);
    EXPECT_FALSE(unpacker.ok());
  }
}

TEST(Packing, ACountIsAtMostTheBytesThatAreLeft) {
  const std::string packed("\x02xy", 3);
  EXPECT_EQ(Unpacker(packed).count(), 2u);
  Unpacker too_many(std::string_view("\x03xy", 3));
  EXPECT_EQ(too_many.count(), 0u);
  EXPECT_FALSE(too_many.ok());
}

}  // namespace
}  // namespace usher::redis
