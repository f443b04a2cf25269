#include "base/log_hashes.h"

#include <gtest/gtest.h>

namespace usher {
namespace {

std::string by_hand(std::string_view text) {
  return to_hex(sha256(text)).substr(0, LogHashes::kDigits);
}

TEST(LogHashesTest, AHashIsTheSameWhetherTheNameIsKnownOrNot) {
  LogHashes hashes;
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(hashes.of("abc"), "ba7816bf8f01");
    EXPECT_EQ(hashes.of(""), by_hand(""));
  }
}

TEST(LogHashesTest, NamesThatShareAPlaceAreNeverMixedUp) {
  LogHashes hashes;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 3 * LogHashes::kPlaces; ++i) {
      const std::string name = "session-" + std::to_string(i);
      EXPECT_EQ(hashes.of(name), by_hand(name)) << name;
      EXPECT_EQ(hashes.of(name), by_hand(name)) << name;
    }
  }
}

TEST(LogHashesTest, ALongNameLeavesNothingToAShortOneInItsPlace) {
  LogHashes hashes;
  const std::string name(255, 'x');
  for (std::size_t bytes = name.size(); bytes > 0; --bytes) {
    EXPECT_EQ(hashes.of(name.substr(0, bytes)), by_hand(name.substr(0, bytes)));
  }
}

TEST(LogHashesTest, ATextThatIsNoNameIsHashedAndNotKept) {
  LogHashes hashes;
  const std::string longest(LogHashes::kKeptBytesMax, 'n');
  EXPECT_EQ(hashes.of(longest), by_hand(longest));
  const std::size_t kept = hashes.bytes_kept();
  for (int i = 0; i < 1000; ++i) {
    const std::string made_up = std::to_string(i) + std::string(65'000, 'x');
    EXPECT_EQ(hashes.of(made_up), by_hand(made_up));
  }
  EXPECT_EQ(hashes.of(longest + 'n'), by_hand(longest + 'n'));
  EXPECT_EQ(hashes.bytes_kept(), kept);
}

}  // namespace
}  // namespace usher
