// The calls of one session to the backend's hooks.
//
// Answers come at any time and in any order, and the session may have ended meanwhile: a call that
// waits holds a WeakSession.
//
// Threads: its session's. Borrows: the session, during a call of these functions.
// Limits: SessionOptions::hook_calls_max under way.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "session/hooks.h"
#include "session/session_view.h"
#include "session/weak_session.h"

namespace usher::session {

// Tell the backend of a connection of any kind. They do nothing without hooks.
void tell_connected(Hooks* hooks, const hub::Subscriber& connection);
void tell_disconnected(Hooks* hooks, const hub::Subscriber& connection, std::uint16_t code,
                       std::string_view reason);

class HookCalls {
 public:
  explicit HookCalls(SessionView& session) : session_(session) {}

  bool has(Hook hook) const {
    const Hooks* const hooks = session_.dependencies().hooks;
    return hooks != nullptr && hooks->has(hook);
  }

  // Asks the backend, and calls `answered(SessionView&, const HookAnswer&)` unless the session has
  // ended by then. If too many calls are under way, answers the command `id` with an error instead.
  // Requires has() of that hook.
  template <class Answered>
  void ask(std::uint32_t id, HookEvent::Kind kind, std::string_view name, std::string_view data,
           Answered answered) {
    if (!session_.begin_hook_call()) {
      return session_.reply_error(id, wire::ProtocolError::too_many_requests);
    }
    ask(kind, name, data,
        [session = WeakSession(session_),
         answered = std::move(answered)](HookAnswer answer) mutable {
          SessionView* const live = session.lock();
          if (live == nullptr) return;
          live->end_hook_call();
          answered(*live, answer);
        });
  }

  // The same for a session that may still be joining, and without a command. The caller must count
  // the call: SessionView::begin_hook_call().
  template <class Answered>
  void ask_while_joined(HookEvent::Kind kind, std::string_view data, Answered answered) {
    ask(kind, {}, data,
        [session = WeakSession(session_),
         answered = std::move(answered)](HookAnswer answer) mutable {
          SessionView* const joined = session.lock_joined();
          if (joined != nullptr) answered(*joined, answer);
        });
  }

  // Tells the backend, which does not answer. Does nothing without hooks.
  void tell(HookEvent::Kind kind, std::string_view data) const;

 private:
  void ask(HookEvent::Kind kind, std::string_view name, std::string_view data,
           UniqueFunction<void(HookAnswer)> done);

  SessionView& session_;
};

}  // namespace usher::session
