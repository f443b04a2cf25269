// What a backend's hook is sent: a CloudEvent (1.0) in HTTP's binary mode, with a JSON body.
//
// The body has all members whatever their value, so that a backend need not ask for any; `data` is
// passed on byte for byte.
//
// Threads: none. Plain functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/wall_clock.h"
#include "session/hooks.h"

namespace usher::hooks {

// Built once for an event; sent again, with the same id and time, where it is tried again.
struct HookMessage {
  std::string id;  // of the event: who has seen it has seen the event
  std::string_view type;
  std::vector<std::pair<std::string, std::string>> fields;  // of HTTP
  std::string body;

  std::size_t bytes() const;
};

std::string_view type_of(session::HookEvent::Kind kind);  // "usher.rpc"
session::Hook hook_of(session::HookEvent::Kind kind);
std::string_view to_string(session::Hook hook);  // "rpc"

// `node`: of this process. `id`: plain characters.
HookMessage write_hook_message(const session::HookEvent& event, std::string_view node,
                               std::string id, WallTime now);

}  // namespace usher::hooks
