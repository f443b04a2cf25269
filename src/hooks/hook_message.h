// The request to a backend's hook: a CloudEvent (1.0) in HTTP's binary mode, with a JSON body.
//
// The body always has all members, so that a backend need not check for any. `data` is passed on
// byte for byte.
//
// Threads: any; plain functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/wall_clock.h"
#include "session/hooks.h"

namespace usher::hooks {

// Built once for an event. A retry sends it again, with the same id and time.
struct HookMessage {
  std::string id;  // of the event; the same in a retry
  std::string_view type;
  std::vector<std::pair<std::string, std::string>> fields;  // HTTP fields
  std::string body;

  std::size_t bytes() const;
};

std::string_view type_of(session::HookEvent::Kind kind);  // "usher.rpc"
session::Hook hook_of(session::HookEvent::Kind kind);
std::string_view to_string(session::Hook hook);  // "rpc"

// `node` is this node's name. `id` must be plain characters.
HookMessage write_hook_message(const session::HookEvent& event, std::string_view node,
                               std::string id, WallTime now);

}  // namespace usher::hooks
