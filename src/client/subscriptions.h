// What a client is subscribed to, over all its connections.
//
// A channel stays known until it is unsubscribed or refused: its position travels with the next
// ticket, so that a reconnect needs no commands. Channels that do not fit beside the ticket are
// asked for on the live socket: a bounded number of commands at a time, and again after a while
// where an error was temporary.
//
// Its parts: ChannelTable (which channels are known, how far each has been read), TicketSubs (what
// travels with a ticket), SubscribeQueue (what is still to be asked for on the connection), Refresh
// (the `refresh` command, whose ids are the queue's).
//
// Threads: none of its own; belongs to its ClientSession. Limits: those of its parts.
#pragma once

#include <optional>
#include <string>

#include "client/channel_table.h"
#include "client/deadline.h"
#include "client/protocol.h"
#include "client/refresh.h"
#include "client/subscribe_queue.h"
#include "client/ticket_subs.h"

namespace usher::client {

class Subscriptions {
 public:
  // `random` is for Refresh.
  explicit Subscriptions(const Random& random) : refresh_(queue_, random) {}
  Subscriptions(const Subscriptions&) = delete;
  Subscriptions& operator=(const Subscriptions&) = delete;

  // The time of all later calls.
  void set_now(Instant now) {
    queue_.set_now(now);
    refresh_.set_now(now);
  }

  Refresh& refresh() { return refresh_; }

  // Returns the `subs` of a ticket request. Channels that do not fit are asked for after
  // connected().
  json::object restore() { return ticket_subs_.fill(channels_); }

  // As TicketSubs::withhold().
  bool withhold(bool too_large) { return ticket_subs_.withhold(too_large); }

  // The connect push has come: takes its results, sends the changes since the ticket request.
  void connected(const json::object* results, Output& out);

  // The connection is lost, and no commands wait for it any more.
  void lost(Output& out);

  // When to call tick(); nullopt: never.
  std::optional<Instant> due() const { return earlier(queue_.due(), refresh_.due()); }

  // Does what is due: asks again for channels with temporary errors, refreshes.
  void tick(Output& out);

  void subscribe(const std::string& name, bool on_live_socket, Output& out);
  void unsubscribe(const std::string& name, bool on_live_socket, Output& out);

  // Nothing is queued: without a live socket nothing happens.
  void publish(const std::string& name, const json::value& data, bool on_live_socket, Output& out);

  // A push or a reply; unknown ones are ignored.
  void received(const json::object& frame, Output& out);

  // A good moment to ask again, without a delay, for wished channels that are not subscribed.
  void retry(Output& out);

 private:
  void pushed(const json::object& push, Output& out);
  void ended(Channel& channel, const json::object& why, Output& out);
  void answer(const std::string& name, const json::object& result, Output& out);
  void subscribed(Channel& channel, const json::object& result, Output& out);
  void publication(Channel& channel, const json::object& pub, Output& out);
  void failed(Channel& channel, const json::object& error, Output& out);
  void refused(Channel& channel, const json::object& why, Output& out);
  void forget(Channel& channel);
  void want(Channel& channel, Output& out);

  ChannelTable channels_;
  TicketSubs ticket_subs_;
  SubscribeQueue queue_;
  Refresh refresh_;
};

}  // namespace usher::client
