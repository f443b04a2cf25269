#include "base/digest.h"

#include <gtest/gtest.h>

#include <array>

#include "base/bytes.h"

namespace usher {
namespace {

// FIPS 180-2, appendices A and B.
TEST(Digest, KnownAnswersWhateverWasHashedBefore) {
  Digest sha1("SHA1");
  Digest sha256("SHA256");
  std::array<std::byte, 20> short_out;
  std::array<std::byte, 32> long_out;
  for (int i = 0; i < 2; ++i) {
    sha1.compute("abc", short_out);
    EXPECT_EQ(to_hex(short_out), "a9993e364706816aba3e25717850c26c9cd0d89d");
    sha256.compute("abc", long_out);
    EXPECT_EQ(to_hex(long_out), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256.compute("", long_out);
    EXPECT_EQ(to_hex(long_out), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256.compute(std::string(1'000'000, 'a'), long_out);
    EXPECT_EQ(to_hex(long_out), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

}  // namespace
}  // namespace usher
