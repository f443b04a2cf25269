#include "hooks/hook_signature.h"

#include <gtest/gtest.h>

namespace usher::hooks {
namespace {

constexpr WallTime kNow{std::chrono::milliseconds(1'795'423'555'999)};
constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";

HookMessage message() {
  return {.id = "00ff",
          .type = "usher.rpc",
          .fields = {{"Content-Type", "application/json"},
                     {"ce-specversion", "1.0"},
                     {"ce-id", "00ff"},
                     {"ce-source", "/usher/n1"},
                     {"ce-type", "usher.rpc"},
                     {"ce-time", "2026-11-23T08:45:55.123Z"},
                     {"ce-subject", "sum"}},
          .body = R"({"data":1})"};
}

// The expected values of v2: printf
// '1795423555\n00ff\nusher.rpc\n/usher/n1\n2026-11-23T08:45:55.123Z \nsum\n{"data":1}' | openssl
// dgst -sha256 -hmac …; of v1: printf '1795423555.00ff.usher.rpc.{"data":1}' | …
TEST(HookSignatureTest, IsHmacOverTimeFieldsAndBody) {
  const HookSigner signer({auth::secret_key(kSecret)});
  EXPECT_EQ(signer.sign(message(), kNow),
            "t=1795423555,v2=2d59539ac5e3dc657fc80d336e433ba85fa31e632ed7cd3d8b1dbb7aba5fb45c,v1="
            "83444b3ea583d1eb18d9b5b959ae31ead50475f91cccfec49392c75fb3be65f6");
}

TEST(HookSignatureTest, HasAPairForEachSecretInTheirOrder) {
  const HookSigner signer(
      {auth::secret_key(kSecret), auth::secret_key("fedcba9876543210fedcba9876543210")});
  EXPECT_EQ(signer.sign(message(), kNow),
            "t=1795423555,v2=2d59539ac5e3dc657fc80d336e433ba85fa31e632ed7cd3d8b1dbb7aba5fb45c,v1="
            "83444b3ea583d1eb18d9b5b959ae31ead50475f91cccfec49392c75fb3be65f6,v2="
            "c457f8df00ca909457891d81e67309a5fdffb0518045bddcfaf2f566d2acfa1b,v1="
            "2d07e06c6acd38c0757bb618892dd3aafa0c72e6686d2d11bef5e796ca580aad");
}

TEST(HookSignatureTest, EveryFieldThatSaysSomethingOfTheEventIsSigned) {
  const HookSigner signer({auth::secret_key(kSecret)});
  const std::string before = signer.sign(message(), kNow);
  for (const char* name : {"ce-id", "ce-source", "ce-type", "ce-time", "ce-subject"}) {
    HookMessage changed = message();
    for (auto& [field, value] : changed.fields) {
      if (field == name) value += "x";
    }
    EXPECT_NE(signer.sign(changed, kNow), before) << name;
  }
}

TEST(HookSignatureTest, NoTextPassesFromOneFieldToTheNext) {
  const HookSigner signer({auth::secret_key(kSecret)});
  HookMessage moved = message();
  moved.fields.back().second = "su";
  moved.body = "m" + moved.body;
  EXPECT_NE(signer.sign(moved, kNow), signer.sign(message(), kNow));
}

TEST(HookSignatureTest, WithoutASecretNothingIsSigned) { EXPECT_FALSE(HookSigner({}).signs()); }

}  // namespace
}  // namespace usher::hooks
