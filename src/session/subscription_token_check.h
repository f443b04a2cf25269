// Checks the subscription tokens that a client shows: with `subscribe`, with its wishes at connect,
// and with `sub_refresh`.
//
// A token is good for the user, the channel and the connection that it names, byte for byte. It is
// compared with the user at the moment when the check ends: a client may log in meanwhile.
//
// Threads: its session's. Borrows: the session, during a call of these functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_function.h"
#include "hub/subscribe_question.h"
#include "session/session_view.h"

namespace usher::session {

class SubscriptionTokenCheck {
 public:
  explicit SubscriptionTokenCheck(SessionView& session) : session_(session) {}

  // Decides about the question, now or later: SessionView::take_decision().
  void decide(hub::SubscribeQuestion question);

  // Answers the command `sub_refresh` with the number `id`.
  void refresh(std::uint32_t id, std::string_view channel, std::string_view token);

 private:
  using Done = UniqueFunction<void(SessionView&, hub::SubscribeDecision)>;
  void check(std::string_view channel, std::string_view token, Done done);

  SessionView& session_;
};

}  // namespace usher::session
