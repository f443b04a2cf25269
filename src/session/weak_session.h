// A reference to a session that may end first, for answers that come late from outside the hub.
//
// Threads: its shard's.
#pragma once

#include "hub/client_id.h"
#include "hub/hub.h"
#include "session/session_view.h"

namespace usher::session {

class WeakSession {
 public:
  // Requires: `session` has joined its hub.
  explicit WeakSession(SessionView& session)
      : hub_(session.hub()), client_(session.client()), session_(&session) {}

  // Returns the session, or null if it is not live any more. No other connection ever gets the same
  // ClientId, so the pointer is good while the hub knows the id.
  SessionView* lock() const {
    SessionView* const joined = lock_joined();
    return joined != nullptr && joined->state() == State::live ? joined : nullptr;
  }
  // The same for one that may still be joining.
  SessionView* lock_joined() const { return hub_.find(client_) == nullptr ? nullptr : session_; }

 private:
  hub::Hub& hub_;
  hub::ClientId client_;
  SessionView* session_;
};

}  // namespace usher::session
