// One thread's subscribers of a fan-out: takes and times their messages, and checks that all of
// them get all messages in the same order.
//
// Threads: its loop's; between phases, the caller's.  Borrows: the setting, the schedule.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/load/crowd.h"
#include "bench/load/schedule.h"
#include "bench/load/share.h"
#include "bench/load/tally.h"

namespace usher::bench {

class Audience {
 public:
  // A message has reached all of these subscribers. Called once for each message.
  using OnReached = std::function<void(std::size_t number)>;

  Audience(const Setting& setting, std::size_t at_the_door_max, Share subscribers,
           const Schedule& schedule);

  // Turns the loop until all are in. The connect push of each must contain `must_contain`, which
  // shows its subscription.
  void enter(std::string_view must_contain);

  // Counts each message from now on. Calls `on_out` when a subscriber is disconnected, or at once
  // if one has been disconnected already.
  void listen(OnReached on_reached, std::function<void()> on_out);

  // The deliveries. Its failure: a subscriber did not get in, or was disconnected.
  const Tally& tally() const { return tally_; }
  std::size_t size() const { return subscribers_.count; }
  std::uint64_t disordered() const { return disordered_; }
  const std::vector<std::uint32_t>& order() const { return order_; }

 private:
  void take(Client& client, std::string_view payload);

  const Setting& setting_;
  const Share subscribers_;
  const Schedule& schedule_;
  Crowd crowd_;
  OnReached on_reached_;
  std::vector<std::uint32_t> got_by_;  // messages, by subscriber
  std::vector<std::uint32_t> has_;     // subscribers, by message
  std::vector<std::uint32_t> order_;   // of messages, each as its first receiver got it
  std::uint64_t disordered_ = 0;       // lost, duplicate or overtaken, compared with others
  Tally tally_;
};

// Returns in how many places two audiences' orders differ, up to the end of the shorter one.
std::size_t differences(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b);

}  // namespace usher::bench
