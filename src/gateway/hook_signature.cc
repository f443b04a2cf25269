#include "gateway/hook_signature.h"

#include "base/bytes.h"

namespace usher::gateway {

std::string HookSigner::sign(const HookMessage& message, WallTime now) const {
  const std::string time = std::to_string(unix_seconds(now));
  std::string input = time;
  input.append(".").append(message.id).append(".").append(message.type).append(".");
  input.append(message.body);
  std::string value = "t=" + time;
  for (const auth::Key& secret : secrets_) {
    value.append(",v1=").append(to_hex(as_byte_span(secret.material->sign(input))));
  }
  return value;
}

}  // namespace usher::gateway
