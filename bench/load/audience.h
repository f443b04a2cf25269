// One thread's subscribers of a fan-out: takes what they get, times it, and looks whether it comes
// to all of them, and in the same order.
//
// Threads: its loop's, between phases the caller's.  Borrows: the setting, the schedule.
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
  // A message has reached all of them; told once.
  using OnReached = std::function<void(std::size_t number)>;

  Audience(const Setting& setting, std::size_t at_the_door_max, Share subscribers,
           const Schedule& schedule);

  // Turns the loop until all are in, subscribed to what `must_contain` names in their connect push.
  void enter(std::string_view must_contain);

  // From now on, each message is counted. `on_out`: somebody was thrown out, or has been already.
  void listen(OnReached on_reached, std::function<void()> on_out);

  // The deliveries; its failure: that somebody did not get in, or was thrown out.
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
  std::vector<std::uint32_t> order_;   // in which they came, to whoever was first
  std::uint64_t disordered_ = 0;       // not as the others got them: one lost, twice or overtaken
  Tally tally_;
};

// Of two audiences' orders: in how many places they differ, as far as both go.
std::size_t differences(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b);

}  // namespace usher::bench
