// The clients of this shard on each channel, so that Redis can be told again before their entries
// expire. (Entries of a dead node expire by themselves.)
//
// Each channel has its turn once in `every`. So the work is spread evenly, however many channels
// there are, and entries that Redis has lost are back after one round.
//
// Threads: its shard's. Limits: as many entries as the shard has subscriptions.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace usher::redis {

class PresenceRounds {
 public:
  explicit PresenceRounds(Duration every) : every_(every) {}

  // Returns false if the client was there: then its info is replaced.
  bool add(std::string_view channel, std::string_view client, std::string info, TimePoint now);
  void remove(std::string_view channel, std::string_view client);

  using Clients = std::map<std::string, std::string, std::less<>>;  // client → info
  // Calls visit(channel, clients) for each channel whose turn it is.
  void due(TimePoint now,
           const std::function<void(const std::string& channel, const Clients& clients)>& visit);

  std::size_t channels() const { return channels_.size(); }

 private:
  struct Channel {
    Clients clients;
    TimePoint next{};
  };

  const Duration every_;
  std::map<std::string, Channel, std::less<>> channels_;
  std::deque<std::pair<TimePoint, std::string>> turns_;  // turns of removed channels are skipped
};

}  // namespace usher::redis
