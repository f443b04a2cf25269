// Reads the answer of the backend's subscribe hook, as strictly as hook_answer.h reads the others.
//
//     200 {"channels":{"orders:7":{},                                   allowed
//                      "orders:8":{"info":…,"data":…,"expire_at":N,"publish":true},
//                      "orders:9":{"error":{"code":N,"message":"…"}}}}  refused
//     200 {"error":{"code":N,"message":"…"}}                            all are refused
//
// A channel that is missing is refused. A body that is not of this form decides about no channel.
//
// Threads: a JsonReader belongs to one thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "hooks/hook_answer.h"
#include "session/hooks.h"
#include "wire/json.h"

namespace usher::hooks {

// Of the whole body: as much as a client's outbox takes several times.
inline constexpr std::size_t kSubscribeAnswerBytesMax = 256 * 1024;

struct SubscribeAnswerLimits {
  std::size_t data_bytes_max = 65536;  // of each channel
  std::size_t info_bytes_max = 1024;   // likewise; others keep it in their presence
};

Result<session::HookAnswer, HookFault> read_subscribe_answer(int status, std::string_view body,
                                                             const SubscribeAnswerLimits& limits,
                                                             wire::JsonReader& json);

}  // namespace usher::hooks
