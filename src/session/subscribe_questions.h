// Gets the decisions that the hub asks a session for (hub::Subscriber::ask()): from the backend's
// hook, or by checking a subscription token.
//
// The questions of one connect, or of one frame, go to the hook as one request. Decisions are put
// on the agenda, and told to the hub in a turn of the session's own.
//
// Threads: its session's. Borrows: the session, during a call of these functions.
// Limits: SessionOptions::hook_calls_max requests under way.
#pragma once

#include <string>
#include <vector>

#include "hub/subscribe_question.h"
#include "session/hooks.h"
#include "session/session_view.h"

namespace usher::session {

// The `channels` of the event: `[{"channel":"orders:7","data":…}]`, each channel once.
std::string channels_text(const std::vector<hub::SubscribeQuestion>& questions);

// What the hook's answer means for the question.
hub::SubscribeDecision decision_of(const HookAnswer& answer,
                                   const hub::SubscribeQuestion& question);

class SubscribeQuestions {
 public:
  explicit SubscribeQuestions(SessionView& session) : session_(session) {}

  // Tells the hub the decisions that have come, and asks what is on the agenda. The questions of one
  // message are asked together, so the rest of it comes first.
  void go_on();

 private:
  void ask(std::vector<hub::SubscribeQuestion> questions);
  void tell(std::vector<Agenda::Decided> decided);
  void ask_hook(std::vector<hub::SubscribeQuestion> questions);

  SessionView& session_;
};

}  // namespace usher::session
