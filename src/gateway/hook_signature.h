// How a backend knows that a hook's request comes from usher, and when it was sent:
//
//     X-Usher-Signature: t=1795423555,v1=<hex>
//
// v1 is HMAC-SHA256 over `<t>.<ce-id>.<ce-type>.<body>`. While a secret is being replaced there is
// one v1 for each; a backend accepts the request if any of them is its own.
//
// Threads: immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/key.h"
#include "base/wall_clock.h"
#include "gateway/hook_message.h"

namespace usher::gateway {

inline constexpr const char* kHookSignatureField = "X-Usher-Signature";

class HookSigner {
 public:
  // HMAC keys (auth::secret_key). None: nothing is signed.
  explicit HookSigner(std::vector<auth::Key> secrets) : secrets_(std::move(secrets)) {}

  bool signs() const { return !secrets_.empty(); }
  std::string sign(const HookMessage& message, WallTime now) const;

 private:
  std::vector<auth::Key> secrets_;
};

}  // namespace usher::gateway
