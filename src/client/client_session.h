// One client's decisions: from connect() over token, ticket and socket to a live connection, and
// back there after every loss (contract section 5).
//
// A state machine of pure decisions: an input and the time go in, log lines, stages, effects,
// statuses and events come out. It holds no socket, timer, clock, storage or randomness. The caller
// must carry the outputs out in the order log, stages, effects, status, events, hand in the
// answers, and hand in a Tick at timer(). Answers to an attempt that is no longer the present one
// are dropped.
//
// A raw session (SessionOptions) has the stages of an attempt, but not usher's protocol: the socket
// is the application's, and counts as connected when the 101 lets it in. It is never refreshed.
//
// Its parts: Progress (the stage), Deadline, CurrentAttempt, Connection, ReconnectPolicy, Secrets
// and Subscriptions. The TypeScript client's client_session.ts has the same functions, in the same
// order.
//
// Threads: none of its own; one session belongs to one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client/attempt.h"
#include "client/connection.h"
#include "client/deadline.h"
#include "client/log_line.h"
#include "client/progress.h"
#include "client/protocol.h"
#include "client/session_options.h"
#include "client/standing.h"
#include "client/subscriptions.h"

namespace usher::client {

class ClientSession {
 public:
  // `random` is drawn once for each delay.
  ClientSession(SessionOptions options, Random random);

  // A session that shares its `standing`. Its first attempt is number `before` + 1.
  ClientSession(SessionOptions options, std::shared_ptr<Standing> standing, Attempt before);

  // Must not be called while the caller is still carrying out the outputs of another input: what a
  // listener calls is the next input. `now` never goes back.
  Output handle(const Input& input, Instant now);

  Status status() const { return status_; }

  // Why the client has stopped for good; nullopt while it has not.
  const std::optional<Failed>& failure() const { return failure_; }

  // When to hand in the next Tick; nullopt: never.
  std::optional<Instant> timer() const;

 private:
  // The user, the platform, the clock.
  void take(const Connect&);
  void take(const Disconnect&);
  void take(const Subscribe& call);
  void take(const Unsubscribe& call);
  void take(const Publish& call);
  void take(const RefreshNow&) {}  // for Refresh
  void take(const Online&);
  void take(const Offline&);
  void take(const Hidden&) {}
  void take(const Visible&) { hurry(); }
  void take(const Probe&) { hurry(/*anyway=*/true); }
  void take(const Tick&);
  void hurry(bool anyway = false);
  void enter(Stage stage);
  void rest(Stage stage, Instant not_before = {});
  void become(Status status);

  // Token, ticket, socket: answers, each taken only in the stage of the attempt that waits for it.
  void take(const TokenReady& answer);
  void take(const TokenFailed& answer);
  void take(const TicketReady& answer);
  void take(const TicketFailed& answer);
  void take(const SocketOpen& open);
  void take(const Frame& frame);
  void take(const SocketClosed& closed);
  bool waits_for(Stage stage, Attempt attempt) const;
  void begin();
  void fetch_token();
  void fetch_ticket(json::object subs);
  void received(const json::object& frame);
  void connected(const json::object& push);

  // The end of an attempt or of a connection.
  void call_failed(Call call, const HttpFailure& failure);
  void closed(std::uint16_t code, const std::string& reason, bool clean);
  void unanswered(const std::string& reason, const std::string& error);
  bool settle_uptime();
  void retry_ticket();
  void retry(GivenDelay given = kNoDelay, double spread_ms = 0);
  void stop(Failed failure);

  const SessionOptions options_;
  const std::shared_ptr<Standing> standing_;
  Subscriptions subscriptions_;

  Progress progress_;
  Deadline deadline_;
  Status status_ = Status::disconnected;
  std::optional<Failed> failure_;
  bool offline_ = false;
  // While waiting, no attempt before this: the server asked, or a hard failure was just now.
  Instant not_before_{};
  // No attempt before this after a hard failure: a listener that calls connect() must not spin.
  Instant hold_until_{};
  CurrentAttempt attempt_;
  std::optional<Connection> connection_;
  Instant now_{};
  Output out_;
};

}  // namespace usher::client
