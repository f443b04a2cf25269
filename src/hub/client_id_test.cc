#include "hub/client_id.h"

#include <gtest/gtest.h>

#include "support/seeded_entropy.h"

namespace usher::hub {
namespace {

TEST(ClientIdTest, TextIsSixteenHexDigitsAndComesBack) {
  test::SeededEntropy entropy;
  for (int i = 0; i < 100; ++i) {
    const ClientId id = ClientId::random(entropy);
    EXPECT_NE(id, ClientId{});
    EXPECT_EQ(id.text().size(), 16u);
    EXPECT_EQ(ClientId::parse(id.text()), id);
  }
}

TEST(ClientIdTest, NothingElseIsOne) {
  for (const auto* text :
       {"", "00ff", "00FF00FF00FF00FF", "00ff00ff00ff00ff0", "00ff00ff00ff00fg"}) {
    EXPECT_EQ(ClientId::parse(text), std::nullopt) << text;
  }
}

// An entropy of zeros first: zero means "none", so it is drawn again.
TEST(ClientIdTest, IsNeverZero) {
  class ZeroOnce final : public Entropy {
   public:
    void fill(std::span<std::byte> out) override {
      for (std::byte& byte : out) byte = value_;
      value_ = std::byte{7};
    }

   private:
    std::byte value_{0};
  } entropy;
  EXPECT_EQ(ClientId::random(entropy).text(), "0707070707070707");
}

}  // namespace
}  // namespace usher::hub
