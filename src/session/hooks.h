// A backend that is asked over HTTP, or told: what sessions know of it.
//
// Implemented in net/shard_hooks.h. Building the requests and reading the answers is gateway's.
//
// Threads: one for each shard, used on that shard's thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/unique_function.h"

namespace usher::session {

// The URLs that can be configured.
enum class Hook : std::uint8_t { rpc, publish, connected, disconnected, count_ };

// What has happened to a connection, or what it wants. Views need live during the call only.
struct HookEvent {
  enum class Kind : std::uint8_t {
    rpc,      // `name` is the method
    send,     // goes to the rpc hook
    publish,  // `name` is the channel
    connected,
    disconnected,  // with `code` and `reason`
    count_,
  };
  Kind kind{};
  std::string_view client;
  std::string_view session;
  std::string_view user;  // empty: not logged in
  std::string_view name{};
  std::string_view data{};  // valid JSON on one line; "" for none
  std::uint16_t code = 0;
  std::string_view reason{};
};

struct HookError {
  std::uint32_t code = 0;
  std::string message;
  bool temporary = false;
};

// What the backend said. rpc: the result. publish: what to publish in place of the client's data;
// "" for that itself. Valid JSON on one line.
using HookAnswer = std::variant<std::string, HookError>;

class Hooks {
 public:
  virtual ~Hooks() = default;

  virtual bool has(Hook hook) const = 0;

  // Requires has(). Calls `done` once, inline where there is no room for another request; or never,
  // when the node stops.
  virtual void ask(const HookEvent& event, UniqueFunction<void(HookAnswer)> done) = 0;

  // Nobody waits for an answer. Does nothing where there is no such hook; counted where there is no
  // room.
  virtual void tell(const HookEvent& event) = 0;
};

}  // namespace usher::session
