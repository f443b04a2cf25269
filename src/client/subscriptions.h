// What a client listens to, how far it has read, and what it still owes the server on the live
// connection.
//
// A channel stays known until it is unsubscribed or refused: its position travels with the next
// ticket, so that a reconnect has nothing left to ask. What does not fit beside the ticket is asked
// for on the live socket: a bounded number of commands at a time, and again after a while where an
// error was temporary.
//
// Limits: channels that the user did not ask for (the server's own, personal ones) are known up to
// kServerChannelsMax; kEntriesMax (personal channels not counted) and kSubsBytesMax travel with a
// ticket; kUnderWayMax commands wait for their answers.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "client/protocol.h"

namespace usher::client {

class Subscriptions {
 public:
  static constexpr std::size_t kServerChannelsMax = 1024;
  static constexpr std::size_t kEntriesMax = 128;
  // What a ticket takes (16 KiB), nearly.
  static constexpr std::size_t kSubsBytesMax = 16000;
  static constexpr std::size_t kUnderWayMax = 64;

  // The time of what follows.
  void set_now(Instant now) { now_ = now; }

  // What to restore, as `subs` of the ticket request; what does not fit is asked for after
  // connected().
  json::object restore();

  // The request was refused, maybe for what travelled with it: nothing does this time, and half as
  // many entries, or bytes (`too_large`), from then on. False: nothing did.
  bool withhold(bool too_large);

  // The connect push has come: takes its results, sends what changed since the ticket was asked
  // for.
  void connected(const json::object* results, Output& out);

  // The connection has gone, and with it what was to be asked for on it.
  void lost();

  // When to call tick(); nothing: never.
  std::optional<Instant> due() const { return due_; }

  // What failed for the moment is asked for again, if it is time.
  void tick(Output& out);

  void subscribe(const std::string& name, bool on_live_socket, Output& out);
  void unsubscribe(const std::string& name, bool on_live_socket, Output& out);

  // Not queued: without a live socket nothing happens.
  void publish(const std::string& name, const json::value& data, bool on_live_socket, Output& out);

  // A good moment: what is wished and not there is asked for (again).
  void retry(Output& out);

  // A push or a reply; unknown ones are ignored.
  void received(const json::object& frame, Output& out);

 private:
  struct Channel {
    std::uint64_t order = 0;  // when it became known: what is sent to the server keeps this order
    bool wished = false;      // the user asked for it; otherwise it is the server's own
    bool requested = false;   // asked for, or answered, on this connection
    bool retried = false;     // error 112 was answered by a second try without a position
    bool queued = false;      // its name is in queue_
    std::optional<std::string> epoch;
    std::optional<std::uint64_t> offset;
  };
  using Channels = std::unordered_map<std::string, Channel>;

  // Between two tries of what fails for the moment: doubled until something succeeds.
  static constexpr Millis kRetryMin = std::chrono::milliseconds(500);
  static constexpr Millis kRetryMax = std::chrono::seconds(5);

  Channel& know(const std::string& name, bool wished);
  std::vector<Channels::value_type*> in_order();
  bool has_room() const { return channels_.size() - wished_count_ < kServerChannelsMax; }

  void pushed(const json::object& push, Output& out);
  void answer(const std::string& name, const json::object& result, Output& out);
  void subscribed(const std::string& name, Channel& channel, const json::object& result,
                  Output& out);
  void publication(const std::string& name, Channel& channel, const json::object& pub, Output& out);
  void ended(const std::string& name, Channel& channel, const json::object& why, Output& out);
  void failed(const std::string& name, Channel& channel, const json::object& error, Output& out);
  void refused(const std::string& name, const json::object& why, Output& out);
  void forget(const std::string& name);

  void want(const std::string& name, Channel& channel, Output& out);
  void enqueue(const std::string& name, Channel& channel);
  void put_off(const std::string& name, const json::object& error);
  void ask_on(Output& out);
  void ask(const std::string& name, Channel& channel, Output& out);
  void send(std::string_view command, json::object body, Output& out);

  Channels channels_;
  std::size_t wished_count_ = 0;
  std::uint64_t last_order_ = 0;
  std::unordered_set<std::string> restored_;  // channels that travelled with the present ticket
  std::map<std::uint64_t, std::string>
      commands_;  // unanswered subscribe commands of this connection
  std::uint64_t last_id_ = 0;

  // How much may travel with a ticket, and how much did.
  std::size_t bytes_max_ = kSubsBytesMax;
  std::size_t entries_max_ = kEntriesMax;
  std::size_t bytes_ = 0;
  std::size_t entries_ = 0;

  Instant now_{};
  std::deque<std::string> queue_;   // to be asked for as soon as may be
  std::vector<std::string> later_;  // failed for the moment: asked for again when due_
  std::optional<Instant> due_;
  bool paused_ = false;  // the server has had too many commands: none before due_
  Millis retry_delay_ = kRetryMin;
};

}  // namespace usher::client
