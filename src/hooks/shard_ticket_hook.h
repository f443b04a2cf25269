// The interface of one shard's ticket route to the backend's ticket hook: collects what the backend
// is told, asks it at most once each second for the same credential, and brings the answer back to
// the shard.
//
// Threads: belongs to its shard.
// Borrows: the sender and the flights, which must outlive it. A ShardTicketHook must outlive the
// sender's calls, which end when the Outbound's thread has ended.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "hooks/hook_sender.h"
#include "hooks/ticket_flights.h"
#include "ticket/ticket_hook.h"

namespace usher::hooks {

class ShardTicketHook final : public ticket::TicketHook {
 public:
  // `post` runs a task later, on the shard's thread.
  using Post = std::function<void(UniqueFunction<void()>)>;

  ShardTicketHook(HookSender& sender, TicketFlights& flights, Post post)
      : sender_(sender), flights_(flights), post_(std::move(post)) {}

  bool is_set() const override { return sender_.has(session::Hook::ticket); }
  void ask(const ticket::TicketQuestion& question,
           UniqueFunction<void(ticket::TicketHookAnswer)> done) override;

 private:
  void start(const TicketFlights::Key& key, const ticket::TicketQuestion& question,
             ticket::HookFields fields, const std::string& body);

  HookSender& sender_;
  TicketFlights& flights_;
  const Post post_;
};

}  // namespace usher::hooks
