#include "hooks/hook_answer.h"

#include <limits>
#include <utility>

#include "base/check.h"
#include "wire/protocol_error.h"

namespace usher::hooks {
namespace {

using Kind = session::HookEvent::Kind;
using session::HookAnswer;
using session::HookError;

constexpr std::size_t kMessageBytesMax = 1024;

HookError to_error(wire::ProtocolError error) {
  return {wire::error_code(error), std::string(wire::error_message(error)),
          wire::is_temporary(error)};
}

}  // namespace

// Typed backends write `"error":null` beside the result, and `"data":null` beside the error.
bool is_given(wire::JsonNode node) { return node && node.type() != wire::JsonType::null; }

Result<HookError, HookFault> read_hook_error(wire::JsonNode node) {
  const auto code = node.find("code").unsigned_integer();
  const auto message = node.find("message").string();
  const auto temporary = node.find("temporary");
  const bool good = code && *code > 0 && *code <= std::numeric_limits<std::uint32_t>::max() &&
                    (!node.find("message") || message) && (!temporary || temporary.boolean());
  if (!good) return HookFault::malformed;
  if (message && message->size() > kMessageBytesMax) return HookFault::too_large;
  return HookError{static_cast<std::uint32_t>(*code), std::string(message.value_or("")),
                   temporary.boolean().value_or(false)};
}

std::string_view reason_of(HookFault fault) {
  switch (fault) {
    case HookFault::status:
      return "the status is not 200";
    case HookFault::malformed:
      return "the body is not an answer: {\"data\":…} or {\"error\":{\"code\":…,\"message\":…}}";
    case HookFault::malformed_channels:
      return "the body is not an answer: {\"channels\":{\"NAME\":{…}}} or {\"error\":{…}}, with the "
             "members of docs/hooks.md and no others";
    case HookFault::too_large:
      return "the answer is too large";
  }
  USHER_CHECK(false);
}

Result<HookAnswer, HookFault> read_hook_answer(Kind kind, int status, std::string_view body,
                                               std::size_t data_bytes_max, wire::JsonReader& json) {
  USHER_CHECK(kind == Kind::rpc || kind == Kind::publish);
  if (status != 200) return HookFault::status;
  const auto root = json.parse(body, {.open_levels = 2, .closed_member = "data"});
  if (!root || !root->is_object()) return HookFault::malformed;
  const wire::JsonNode data = root->find("data");
  const wire::JsonNode error = root->find("error");
  if (is_given(error)) {
    if (!error.is_object() || is_given(data)) return HookFault::malformed;
    auto refused = read_hook_error(error);
    if (!refused) return refused.error();
    return HookAnswer(std::move(*refused));
  }
  if (!data) {
    const bool permits = kind == Kind::publish && root->size() == (error ? 1 : 0);
    if (permits) return HookAnswer(std::string());
    return HookFault::malformed;
  }
  if (data.raw().size() > data_bytes_max) return HookFault::too_large;
  std::string line;
  wire::append_single_line(line, data.raw());
  return HookAnswer(std::move(line));
}

Delivered judge_delivery(std::optional<int> status) {
  if (!status) return Delivered::not_yet;
  if (*status >= 200 && *status <= 299) return Delivered::yes;
  const bool is_busy = *status == 408 || *status == 425 || *status == 429 || *status >= 500;
  return is_busy ? Delivered::not_yet : Delivered::never;
}

HookError temporary_failure() { return to_error(wire::ProtocolError::internal); }
HookError no_room() { return to_error(wire::ProtocolError::too_many_requests); }

}  // namespace usher::hooks
