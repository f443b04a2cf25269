// The channels that a client knows, and how far each has been read.
//
// A channel is known because the user wishes it, or because the server has subscribed the client to
// it (a personal channel, for example).
//
// Threads: none of its own; belongs to its Subscriptions.
// Limits: kServerChannelsMax channels that the user did not ask for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "client/protocol.h"

namespace usher::client {

struct Channel {
  std::string name;
  std::uint64_t order = 0;  // the order in which channels became known is that of the commands
  bool wished = false;      // the user asked for it; otherwise it is the server's own
  bool requested = false;   // asked for, or answered, on this connection
  bool retried = false;     // error 112 was answered by a second try without a position
  bool queued = false;      // in SubscribeQueue
  std::optional<std::string> epoch{};
  std::optional<std::uint64_t> offset{};

  // Returns the members of a wish or command that ask for recovery; none without a position.
  json::object since() const;

  // Takes the position that a subscribe result begins with. Offsets of another epoch say nothing
  // about this one.
  void begin(const json::object& result);

  // Returns false if the publication with this `offset` has been handed out before.
  bool advance(std::optional<std::uint64_t> publication_offset);

  void forget_position();
};

class ChannelTable {
 public:
  static constexpr std::size_t kServerChannelsMax = 1024;

  // Returns null if the channel is not known. Pointers and references stay good until forget().
  Channel* find(const std::string& name);

  // Makes the channel known if it is not. `wished` is never taken back. Requires, unless the
  // channel is known or wished, that has_room().
  Channel& know(const std::string& name, bool wished);

  bool has_room() const { return channels_.size() - wished_count_ < kServerChannelsMax; }

  // Returns all channels, in the order in which they became known.
  std::vector<Channel*> in_order();

  void forget(Channel& channel);

 private:
  std::unordered_map<std::string, Channel> channels_;
  std::size_t wished_count_ = 0;
  std::uint64_t last_order_ = 0;
};

}  // namespace usher::client
