// The signature of a hook's request. It tells the backend that the request comes from usher, and
// when it was sent:
//
//     X-Usher-Signature: t=1795423555,v2=<hex>,v1=<hex>
//
// v2 is HMAC-SHA256 over seven lines: t, the fields ce-id, ce-type, ce-source, ce-time and
// ce-subject, and the body. No field has a line break, so no text can move from one line to the
// next. v1 is for backends that do not support v2. It is over `<t>.<ce-id>.<ce-type>.<body>` and
// does not protect the other fields from changes on the way. While a secret is being replaced,
// there is one pair for each secret; a backend accepts the request if any v2 matches its secret.
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
  // `secrets` are HMAC keys (auth::secret_key). If there are none, nothing is signed.
  explicit HookSigner(std::vector<auth::Key> secrets) : secrets_(std::move(secrets)) {}

  bool signs() const { return !secrets_.empty(); }
  std::string sign(const HookMessage& message, WallTime now) const;

 private:
  std::vector<auth::Key> secrets_;
};

}  // namespace usher::hooks
