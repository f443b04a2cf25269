#include "gateway/hook_signature.h"

#include <gtest/gtest.h>

namespace usher::gateway {
namespace {

constexpr WallTime kNow{std::chrono::milliseconds(1'795'423'555'999)};

HookMessage message() {
  return {.id = "00ff", .type = "usher.rpc", .fields = {}, .body = R"({"data":1})"};
}

// The expected values: printf '1795423555.00ff.usher.rpc.{"data":1}' | openssl dgst -sha256 -hmac …
TEST(HookSignatureTest, IsHmacOverTimeIdTypeAndBody) {
  const HookSigner signer({auth::secret_key("0123456789abcdef0123456789abcdef")});
  EXPECT_EQ(signer.sign(message(), kNow),
            "t=1795423555,v1=83444b3ea583d1eb18d9b5b959ae31ead50475f91cccfec49392c75fb3be65f6");
}

TEST(HookSignatureTest, HasOneForEachSecretInTheirOrder) {
  const HookSigner signer({auth::secret_key("0123456789abcdef0123456789abcdef"),
                           auth::secret_key("fedcba9876543210fedcba9876543210")});
  EXPECT_EQ(signer.sign(message(), kNow),
            "t=1795423555,v1=83444b3ea583d1eb18d9b5b959ae31ead50475f91cccfec49392c75fb3be65f6,v1="
            "2d07e06c6acd38c0757bb618892dd3aafa0c72e6686d2d11bef5e796ca580aad");
}

TEST(HookSignatureTest, WithoutASecretNothingIsSigned) { EXPECT_FALSE(HookSigner({}).signs()); }

}  // namespace
}  // namespace usher::gateway
