// Keeps the credential behind a live connection fresh: some time before its end it gets a token that
// lives longer, a ticket for that token, and hands the ticket to the gateway in a `refresh` command
// (contract section 5.6).
//
// A failure never costs the connection, which lasts until the end. After a soft one it tries again
// with backoff; after a hard one it does nothing until the connection or its end is another. What
// happens at the end is the session's business.
//
// Pure decisions, like ClientSession. The TypeScript client's refresh.ts has the same functions, in
// the same order.
//
// Threads: none of its own; belongs to its Subscriptions. Borrows: the queue, whose commands have
// the ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/deadline.h"
#include "client/protocol.h"
#include "client/reconnect_policy.h"
#include "client/standing.h"
#include "client/subscribe_queue.h"

namespace usher::client {

class Refresh {
 public:
  // `random` is drawn once for each new end, and once for each delay after a failure.
  Refresh(SubscribeQueue& queue, const Random& random);

  // The time of all later calls.
  void set_now(Instant now) { now_ = now; }

  // When to call tick(); nullopt: never.
  std::optional<Instant> due() const { return deadline_.due(); }

  // The gateway has not answered the command yet.
  bool is_unanswered() const { return step_ == Step::reply; }

  // The connection of `attempt` is live. `standing` must live until stop().
  void begin(Attempt attempt, const Standing& standing, const json::object& push, Output& out);

  // Takes the end that a connect push, a refresh push or a reply tells.
  void learn(const json::object& life, Output& out);

  // The connection is over, or its credential has no end.
  void stop(Output& out);

  void tick(Output& out);

  // The session's inputs while it is connected: the user's wish to refresh now, and the answers to
  // the calls. Each answer is taken only in the step that waits for it.
  void take(const Input& input, Output& out);

  // Returns false if `frame` is no answer to the command.
  bool take_reply(std::uint64_t id, const json::object& frame, Output& out);

 private:
  // off: nothing to do, or nothing more to be done. token, ticket, reply: the answer that is awaited.
  enum class Step { off, waiting, token, ticket, reply };

  void take_one(const RefreshNow&, Output& out);
  void take_one(const TokenReady& answer, Output& out);
  void take_one(const TokenFailed& answer, Output& out);
  void take_one(const TicketReady& answer, Output& out);
  void take_one(const TicketFailed& answer, Output& out);
  void take_one(const auto&, Output&) {}  // of no interest
  void start(Output& out);
  void call_failed(const HttpFailure& failure, Output& out);
  bool waits_for(Step step, Attempt attempt) const { return step_ == step && attempt_ == attempt; }
  void fetch_ticket(const std::string& token, Output& out);
  void refused(const json::object& error, Output& out);
  bool is_under_way() const { return step_ != Step::off && step_ != Step::waiting; }
  void enter(Step step);
  void wait(Millis delay);
  void abort(Output& out);
  void retry(const std::string& what, GivenDelay given, Output& out);
  void give_up(const std::string& what, Output& out);

  SubscribeQueue& queue_;
  const Random random_;
  ReconnectPolicy policy_;
  Deadline deadline_;
  Step step_ = Step::off;
  Instant now_{};
  Attempt attempt_ = 0;
  const Standing* standing_ = nullptr;  // of the connection
  std::optional<Instant> end_;          // nullopt: none
  Instant must_pass_{};                 // the next end must not be earlier than this
  bool cached_ = false;
  std::uint64_t command_id_ = 0;
};

}  // namespace usher::client
