// Reads the answer of a backend's hook strictly. If it is not exactly one of the answers below, the
// client is told to try again (error 100, temporary).
//
//     rpc      200 {"data":…}              the result
//     publish  200 {}                      allowed
//              200 {"data":…}              allowed, with this data instead
//     both     200 {"error":{"code":N,"message":"…"}}   refused; may have `"temporary":true`
//     others   2xx                         received
//
// Threads: a JsonReader belongs to one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "session/hooks.h"
#include "wire/json.h"

namespace usher::hooks {

enum class HookFault : std::uint8_t {
  status,              // not a status listed above
  malformed,           // not JSON, or not of that form
  malformed_channels,  // likewise, of a subscribe hook (subscribe_answer.h)
  too_large,
};
std::string_view reason_of(HookFault fault);

// `data` of more than `data_bytes_max` fails with `too_large`. Requires: events of `kind` have an
// answer.
Result<session::HookAnswer, HookFault> read_hook_answer(session::HookEvent::Kind kind, int status,
                                                        std::string_view body,
                                                        std::size_t data_bytes_max,
                                                        wire::JsonReader& json);

// For the readers of answers. Typed backends write `null` for what they do not say.
bool is_given(wire::JsonNode node);
// Reads `{"code":N,"message":"…","temporary":true}`.
Result<session::HookError, HookFault> read_hook_error(wire::JsonNode node);

// The result of a notification. `not_yet`: another attempt may succeed.
enum class Delivered : std::uint8_t { yes, not_yet, never };
Delivered judge_delivery(std::optional<int> status);

// The errors for the client when the backend has not decided.
session::HookError temporary_failure();  // 100
session::HookError no_room();            // 111

}  // namespace usher::hooks
