// The decisions for many sockets that each want a ticket, and that other code opens: one ask is one
// attempt is one token check, one new ticket, one socket.
//
// Each attempt is a raw ClientSession, dropped when it would try again; what they share is their
// Standing, with a DeskPolicy. A hard failure of one ends the others that are under way, and every later ask at once,
// until Reset. A soft failure closes the gate for the time of the backoff: asks wait behind it, and
// after it one attempt at a time tries, until one is stable.
//
// The outputs are to be carried out in the order log, effects, events. The caller must hand in the
// answers, and a Tick at timer(). clients/typescript/src/ticket_desk.ts has the same functions.
//
// Threads: none of its own; one desk belongs to one thread at a time.
// Limits: none; a caller that must bound its asks does so before it asks.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/client_session.h"
#include "client/desk_policy.h"
#include "client/protocol.h"
#include "client/standing.h"

namespace usher::client {

// ---- in: what the sockets' users call

struct Ask {
  Attempt attempt = 0;  // the caller's number: greater than all before it
  std::string url;      // of the socket
};
struct Leave {  // the attempt or socket is not wanted any more
  Attempt attempt = 0;
};
// The user has logged in again: the hard failure is forgotten. `has_token`: as SessionOptions, from
// now on; nullopt: as before.
struct Reset {
  std::optional<bool> has_token{};
};

using DeskInput = std::variant<Ask, Leave, Reset, TokenReady, TokenFailed, TicketReady,
                               TicketFailed, SocketOpen, SocketClosed, Tick>;

// ---- out

// Failed comes once when the desk fails, before the Ended of the attempt that has failed.
struct Opened {
  Attempt attempt;
};
struct Ended {
  Attempt attempt;
  Failed why;
  bool hard;
};

using DeskEvent = std::variant<Opened, Failed, Ended>;

struct DeskOutput {
  std::vector<LogLine> log;
  std::vector<Effect> effects;
  std::vector<DeskEvent> events;
};

class TicketDesk {
 public:
  // `random` is drawn once for each delay. `has_token`: as SessionOptions.
  TicketDesk(bool has_token, Random random);

  // Must not be called while the caller is still carrying out the outputs of another input. `now`
  // never goes back.
  DeskOutput handle(const DeskInput& input, Instant now);

  // The hard failure for which every ask ends at once; nullopt: there is none.
  const std::optional<Failed>& failure() const { return failure_; }

  // When to hand in the next Tick; nullopt: never.
  std::optional<Instant> timer() const;

 private:
  struct Running {
    std::unique_ptr<ClientSession> session;
    Instant began;
  };

  void take(const Ask& ask);
  void take(const Leave& leave);
  void take(const Reset& reset);
  void take(const TokenReady& answer);
  void take(const TokenFailed& answer) { hand_in(answer.attempt, answer); }
  void take(const TicketReady& answer);
  void take(const TicketFailed& answer) { hand_in(answer.attempt, answer); }
  void take(const SocketOpen& open) { hand_in(open.attempt, open); }
  void take(const SocketClosed& end) { hand_in(end.attempt, end); }
  void take(const Tick&);

  void admit();
  bool may_admit() const;
  void hand_in(Attempt attempt, const Input& input);
  void carry_over(Output output);
  void failed_softly(Attempt attempt, const Output& output);
  void failed_hard(Attempt attempt, const Failed& why);

  const std::shared_ptr<Standing> standing_;
  DeskPolicy& policy_;  // of standing_
  std::deque<Ask> waiting_;
  std::map<Attempt, Running> running_;  // under way or connected
  std::optional<Failed> failure_;
  Instant now_{};
  DeskOutput out_;
};

}  // namespace usher::client
