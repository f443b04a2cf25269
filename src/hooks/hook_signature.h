// How a backend knows that a hook's request comes from usher, and when it was sent:
//
//     X-Usher-Signature: t=1795423555,v2=<hex>,v1=<hex>
//
// v2 is HMAC-SHA256 over seven lines: t, the fields ce-id, ce-type, ce-source, ce-time and
// ce-subject, and the body. No field has a line break, so no text can pass from one to the next.
// v1, for backends that know no other, is over `<t>.<ce-id>.<ce-type>.<body>`, and leaves the other
// fields to whoever is on the way. While a secret is being replaced there is one pair for each; a
// backend accepts the request if any v2 is its own.
//
// Threads: immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/key.h"
#include "base/wall_clock.h"
#include "hooks/hook_message.h"

namespace usher::hooks {

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

}  // namespace usher::hooks
