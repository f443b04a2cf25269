#include "hooks/hook_signature.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/check.h"

namespace usher::hooks {

namespace {

// The fields of a message that say something about the event, in the order in which they are
// signed.
constexpr std::array<std::string_view, 5> kSigned = {"ce-id", "ce-type", "ce-source", "ce-time",
                                                     "ce-subject"};

std::string second_input(const std::string& time, const HookMessage& message) {
  std::string input = time;
  for (const std::string_view name : kSigned) {
    const auto found =
        std::ranges::find(message.fields, name, &std::pair<std::string, std::string>::first);
    USHER_CHECK(found != message.fields.end());
    input.append("\n").append(found->second);
  }
  return input.append("\n").append(message.body);
}

std::string first_input(const std::string& time, const HookMessage& message) {
  std::string input = time;
  input.append(".").append(message.id).append(".").append(message.type).append(".");
  return input.append(message.body);
}

}  // namespace

std::string HookSigner::sign(const HookMessage& message, WallTime now) const {
  const std::string time = std::to_string(unix_seconds(now));
  const std::string v2 = second_input(time, message);
  const std::string v1 = first_input(time, message);
  std::string value = "t=" + time;
  for (const auth::Key& secret : secrets_) {
    value.append(",v2=").append(to_hex(as_byte_span(secret.material->sign(v2))));
    value.append(",v1=").append(to_hex(as_byte_span(secret.material->sign(v1))));
  }
  return value;
}

}  // namespace usher::hooks
