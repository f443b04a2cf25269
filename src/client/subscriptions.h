// What a client listens to, how far it has read, and what it still owes the server on the live
// connection.
//
// A channel stays known until it is unsubscribed or refused: its position travels with the next
// ticket, so that a reconnect has nothing left to ask.
//
// Limits: channels that the user did not ask for (the server's own, personal ones) are known up to
// kServerChannelsMax.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "client/protocol.h"

namespace usher::client {

class Subscriptions {
 public:
  static constexpr std::size_t kServerChannelsMax = 1024;

  // What to restore, as `subs` of the ticket request; what does not fit is asked for after
  // connected().
  json::object restore();

  // The connect push has come: takes its results, sends what changed since the ticket was asked
  // for.
  void connected(const json::object* results, Output& out);

  void subscribe(const std::string& name, bool on_live_socket, Output& out);
  void unsubscribe(const std::string& name, bool on_live_socket, Output& out);

  // Not queued: without a live socket nothing happens.
  void publish(const std::string& name, const json::value& data, bool on_live_socket, Output& out);

  // What failed for the moment is asked for again.
  void retry(Output& out);

  // A push or a reply; unknown ones are ignored.
  void received(const json::object& frame, Output& out);

 private:
  struct Channel {
    std::uint64_t order = 0;  // when it became known: what is sent to the server keeps this order
    bool wished = false;      // the user asked for it; otherwise it is the server's own
    bool live = false;        // asked for, or answered, on this connection
    bool retried = false;     // error 112 was answered by a second try without a position
    std::optional<std::string> epoch;
    std::optional<std::uint64_t> offset;
  };
  using Channels = std::unordered_map<std::string, Channel>;

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

  void ask(const std::string& name, Channel& channel, Output& out);
  void send(std::string_view command, json::object body, Output& out);

  Channels channels_;
  std::size_t wished_count_ = 0;
  std::uint64_t last_order_ = 0;
  std::unordered_set<std::string> asked_;  // channels that travelled with the present ticket
  std::map<std::uint64_t, std::string>
      commands_;  // unanswered subscribe commands of this connection
  std::uint64_t last_id_ = 0;
};

}  // namespace usher::client
