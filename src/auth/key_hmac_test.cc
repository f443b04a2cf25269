#include <gtest/gtest.h>

#include <array>
#include <string>

#include "auth/jwt_test_keys.h"
#include "auth/key.h"
#include "base/bytes.h"

namespace usher::auth {
namespace {

std::string hex_of(const std::string& bytes) { return to_hex(as_byte_span(bytes)); }

// RFC 4231 test case 6 and 7: the secret is longer than the block, so it is hashed first.
TEST(KeyHmacTest, GivesTheMacsOfRfc4231) {
  const std::string secret(131, '\xaa');
  const std::string input = "Test Using Larger Than Block-Size Key - Hash Key First";
  EXPECT_EQ(hex_of(secret_key(secret, Algorithm::hs256).material->sign(input)),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hex_of(secret_key(secret, Algorithm::hs384).material->sign(input)),
            "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
            "0c2ef6ab4030fe8296248df163f44952");
  EXPECT_EQ(hex_of(secret_key(secret, Algorithm::hs512).material->sign(input)),
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
            "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
}

TEST(KeyHmacTest, EachBitOfInputAndSignatureCounts) {
  const Key key = secret_key(test::kSecret);
  const std::string signature = key.material->sign("input");
  EXPECT_TRUE(key.material->verify("input", signature));
  EXPECT_FALSE(key.material->verify("inpuu", signature));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string forged = signature;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    EXPECT_FALSE(key.material->verify("input", forged)) << i;
  }
  EXPECT_FALSE(key.material->verify("input", signature.substr(0, 31)));
  EXPECT_FALSE(key.material->verify("input", signature + '\0'));
  EXPECT_FALSE(key.material->verify("input", ""));
}

// RFC 7518 section 3.2.
TEST(KeyHmacTest, ASecretIsAtLeastAsLongAsItsHash) {
  const std::pair<Algorithm, std::size_t> kTable[] = {
      {Algorithm::hs256, 32}, {Algorithm::hs384, 48}, {Algorithm::hs512, 64}};
  for (const auto& [algorithm, least] : kTable) {
    EXPECT_NO_THROW(secret_key(std::string(least, 'x'), algorithm));
    try {
      secret_key(std::string(least - 1, 'x'), algorithm);
      ADD_FAILURE() << to_string(algorithm);
    } catch (const KeyError& error) {
      const std::string needs = std::string(to_string(algorithm)) + " needs at least " +
                                std::to_string(least) + " (openssl rand";
      EXPECT_TRUE(test::says(error.what(), needs));
    }
  }
}

TEST(KeyHmacTest, TheErrorDoesNotTellTheSecret) {
  try {
    secret_key("hunter2");
    FAIL();
  } catch (const KeyError& error) {
    EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos);
  }
}

TEST(KeyHmacTest, SameAsMeansTheSameSecretAndHash) {
  const Key key = secret_key(test::kSecret);
  EXPECT_TRUE(key.material->same_as(*secret_key(test::kSecret).material));
  EXPECT_FALSE(key.material->same_as(*secret_key(test::kOtherSecret).material));
  EXPECT_FALSE(key.material->same_as(*secret_key(test::kSecret, Algorithm::hs512).material));
  EXPECT_FALSE(key.material->same_as(*test::verifying_key(Algorithm::rs256).material));
}

TEST(KeyHmacTest, ASecretFilesLastLineBreakIsNotPartOfATextSecret) {
  EXPECT_EQ(secret_of_file("abc"), "abc");
  EXPECT_EQ(secret_of_file("abc\n"), "abc");
  EXPECT_EQ(secret_of_file("abc\r\n"), "abc");
  EXPECT_EQ(secret_of_file("abc\n\n"), "abc\n\n");
  EXPECT_EQ(secret_of_file("\n"), "");
}

TEST(KeyHmacTest, ABinarySecretMayEndLikeALine) {
  EXPECT_EQ(secret_of_file("a\x01\x80\n"), "a\x01\x80\n");
}

}  // namespace
}  // namespace usher::auth
