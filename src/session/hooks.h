// The application's backend as sessions see it: they ask it over HTTP, or tell it of an event.
//
// Implemented in hooks/shard_hooks.h; hook_message.h builds the requests, hook_answer.h reads the
// answers.
//
// Threads: one for each shard, used on that shard's thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/unique_function.h"
#include "hub/subscription_grant.h"

namespace usher::session {

// The URLs that can be configured.
enum class Hook : std::uint8_t { rpc, publish, connected, disconnected, subscribe, ticket, count_ };

// An event of a connection, or a request of its client. The views need to live during the call
// only.
struct HookEvent {
  enum class Kind : std::uint8_t {
    rpc,      // `name` is the method
    send,     // goes to the rpc hook
    publish,  // `name` is the channel
    connected,
    disconnected,  // with `code` and `reason`
    subscribe,     // `data` is the list of channels (session/subscribe_questions.h)
    ticket,  // a request for a ticket, before there is a session: `name` is its address, `data` is
             // the whole body. Not for Hooks: ticket/ticket_hook.h
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

// What the subscribe hook says about one channel.
struct SubscribeVerdict {
  std::string channel;
  std::variant<hub::SubscriptionGrant, HookError> verdict;
};
using SubscribeAnswer = std::vector<SubscribeVerdict>;

// The backend's answer. rpc: the result. publish: the data to publish in place of the client's; ""
// publishes the client's own. Valid JSON on one line. subscribe: a SubscribeAnswer.
using HookAnswer = std::variant<std::string, HookError, SubscribeAnswer>;

class Hooks {
 public:
  virtual ~Hooks() = default;

  virtual bool has(Hook hook) const = 0;

  // Requires has(). Calls `done` once, or never when the node stops. Calls it inline if there is no
  // room for another request.
  virtual void ask(const HookEvent& event, UniqueFunction<void(HookAnswer)> done) = 0;

  // Sends the event without waiting for an answer. Does nothing without such a hook. If there is no
  // room, the event is dropped and counted.
  virtual void tell(const HookEvent& event) = 0;
};

}  // namespace usher::session
