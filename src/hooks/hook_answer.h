// What a backend's hook answered, read strictly: whatever is not exactly one of the answers below
// is no answer, and the client is told to try again (error 100, temporary).
//
//     rpc      200 {"data":…}              the result
//     publish  200 {}                      yes
//              200 {"data":…}              yes, but this
//     both     200 {"error":{"code":N,"message":"…"}}   no; `"temporary":true` may stand beside
//     others   2xx                         taken note of
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
  status,     // not the one above
  malformed,  // not JSON, or not of that form
  too_large,
};
std::string_view reason_of(HookFault fault);

// `data` of more than `data_bytes_max` is too large. Requires an event that has an answer.
Result<session::HookAnswer, HookFault> read_hook_answer(session::HookEvent::Kind kind, int status,
                                                        std::string_view body,
                                                        std::size_t data_bytes_max,
                                                        wire::JsonReader& json);

// Of a notification: may it do better the next time?
enum class Delivered : std::uint8_t { yes, not_yet, never };
Delivered judge_delivery(std::optional<int> status);

// For what the backend did not decide.
session::HookError temporary_failure();  // 100
session::HookError no_room();            // 111

}  // namespace usher::hooks
