#include "ticket/mint.h"

#include <gtest/gtest.h>

#include "support/seeded_entropy.h"

namespace usher::ticket {
namespace {

TEST(MintTest, ATicketIs128BitsOfEntropyInLowercaseHex) {
  test::SeededEntropy entropy(5);
  test::SeededEntropy same(5);
  const Ticket first = mint(entropy);
  EXPECT_TRUE(is_well_formed(first.text));
  EXPECT_EQ(first.text, to_hex(same.bytes<16>()));
  EXPECT_NE(first.text, mint(entropy).text);
}

TEST(MintTest, TheHashIsTheTextsSha256AndLogsItsFirstTwelveDigits) {
  const TicketHash abc = hash("abc");
  EXPECT_EQ(to_hex(abc.bytes), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(abc.for_log(), "ba7816bf8f01");
}

TEST(MintTest, OnlyExactly32LowercaseHexDigitsAreWellFormed) {
  EXPECT_TRUE(is_well_formed("0123456789abcdef0123456789abcdef"));
  for (const auto* text :
       {"", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0",
        "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdeg",
        " 123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcde\n"}) {
    EXPECT_FALSE(is_well_formed(text)) << text;
  }
  EXPECT_FALSE(is_well_formed(std::string(32, '\0')));
}

}  // namespace
}  // namespace usher::ticket
