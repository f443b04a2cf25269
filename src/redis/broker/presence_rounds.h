// Who of this shard's clients is on which channel, so that Redis is told again before it forgets
// them: entries of a node that has died expire by themselves.
//
// Each channel comes round once in `every`; so the work is spread evenly however many there are,
// and what a Redis without memory has lost is back after one round.
//
// Threads: its shard's. Limits: as many as the shard's subscriptions.
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

  // `info` is kept as it is. False: the client was there; its info is replaced.
  bool add(std::string_view channel, std::string_view client, std::string info, TimePoint now);
  void remove(std::string_view channel, std::string_view client);

  using Clients = std::map<std::string, std::string, std::less<>>;  // client → info
  // For each channel whose turn it is: visit(channel, clients).
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
  std::deque<std::pair<TimePoint, std::string>> turns_;  // of a channel that has gone: skipped
};

}  // namespace usher::redis
