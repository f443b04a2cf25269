// The life of a pending subscription: its steps from the wish to the first live delivery.
//
//     fresh ──► owner ──► reach ──► position ──► ready ──► telling ──► live
//       │         └─► pending ──┘▲▲
//       ├────────────────────────┘│
//       └─► decision ─────────────┘
//
// A subscription may end in every step; that is no event, because nothing is left to take a step.
//
// An event that has no meaning in the present step is refused, and the caller must drop the answer
// that it stands for: it belongs to an earlier step.
//
// Threads: plain values.
#pragma once

#include <cstdint>
#include <optional>

namespace usher::hub {

enum class PendingStep : std::uint8_t {
  fresh,     // nothing has been asked yet
  owner,     // asking to which owner the channel is bound
  pending,   // waiting for the backend to bind the channel
  decision,  // waiting for the decision of the backend's hook, or of a token's check
  reach,     // asking the broker for the channel's deliveries
  position,  // waiting for history and presence
  ready,     // waiting for the other channels of its operation
  telling,   // the operation's handler is being called
  live,      // deliveries go to the subscriber
};
inline constexpr std::uint8_t kPendingSteps = 9;

enum class PendingEvent : std::uint8_t {
  owner_needed,      // the channel has the rule that an owner decides
  no_owner_needed,   // the channel does not have this rule
  decision_needed,   // a hook or a token decides
  decided,           // in favour of the subscription
  unbound,           // the channel has no owner yet
  bound,             // the channel's owner is this subscriber
  reached,           // the channel's deliveries arrive from now on
  answered,          // history and presence are known
  handler_called,    // the operation's handler is about to be called
  handler_returned,  // it has returned
};
inline constexpr std::uint8_t kPendingEvents = 10;

// Returns the step that follows, or nothing if `event` has no meaning in `step`.
constexpr std::optional<PendingStep> advance(PendingStep step, PendingEvent event) {
  struct Row {
    PendingStep from;
    PendingEvent event;
    PendingStep to;
  };
  using enum PendingStep;
  using enum PendingEvent;
  constexpr Row kTable[] = {
      {fresh, owner_needed, owner},
      {fresh, no_owner_needed, reach},
      {owner, unbound, pending},
      {owner, bound, reach},
      {pending, bound, reach},
      {reach, reached, position},
      {fresh, decision_needed, decision},
      {decision, decided, reach},
      {position, answered, ready},
      {ready, handler_called, telling},
      {telling, handler_returned, live},
  };
  for (const Row& row : kTable) {
    if (row.from == step && row.event == event) return row.to;
  }
  return std::nullopt;
}

// Returns whether the channel's deliveries are held back in this step. Earlier publications will be
// in the history, later ones go to the subscriber at once.
constexpr bool holds_back(PendingStep step) {
  return step >= PendingStep::reach && step <= PendingStep::telling;
}

// Returns whether the subscription's operation still waits for its outcome.
constexpr bool awaits_outcome(PendingStep step) {
  return step == PendingStep::fresh || step == PendingStep::owner ||
         step == PendingStep::decision || step == PendingStep::reach ||
         step == PendingStep::position;
}

// The only place where a pending subscription changes its step.
class PendingLife {
 public:
  PendingStep step() const { return step_; }

  // Takes the step that follows `event`. Returns false, and changes nothing, if it has no meaning
  // now.
  [[nodiscard]] bool take(PendingEvent event) {
    const auto next = advance(step_, event);
    if (next) step_ = *next;
    return next.has_value();
  }

 private:
  PendingStep step_ = PendingStep::fresh;
};

}  // namespace usher::hub
