// The commands of one live connection: which channels are still to be asked for, which commands
// wait for their answers, and which channels are asked for again after a while.
//
// Threads: none of its own; belongs to its Subscriptions. Borrows: channels, until forget().
// Limits: kUnderWayMax subscribe commands wait for their answers.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "client/channel_table.h"

namespace usher::client {

// Whether an error of the gateway is temporary. A connect push does not say it.
bool is_temporary(const json::object& error);

class SubscribeQueue {
 public:
  static constexpr std::size_t kUnderWayMax = 64;
  // The error after which no command is sent before due().
  static constexpr double kTooManyRequests = 111;

  // The time of all later calls.
  void set_now(Instant now) { now_ = now; }

  // A connection has begun: command ids start again, and no answer is awaited.
  void begin();

  // The connection is lost, and no channels wait for it any more.
  void lost();

  // When to call tick(); nullopt: never.
  std::optional<Instant> due() const { return due_; }

  // Queues the channels that were put off, if it is time. Returns whether it was.
  bool tick();

  // The channel is to be asked for as soon as the limits allow.
  void add(Channel& channel);

  // The channel's command failed with a temporary error: it is asked for again after a delay, which
  // doubles until a command succeeds.
  void put_off(Channel& channel, const json::object& error);

  // A command has succeeded: the next delay is the shortest again.
  void succeeded() { retry_delay_ = kRetryMin; }

  // All channels that were put off have been added again.
  void clear_put_off();

  // Sends subscribe commands for queued channels, as far as the limits allow.
  void ask_on(Output& out);

  // Sends any command. Returns its id.
  std::uint64_t send(std::string_view command, json::object body, Output& out);

  // Returns the channel whose subscribe command `id` awaits its answer; null if there is none.
  Channel* asked_with(std::uint64_t id) const;
  void answered(std::uint64_t id) { commands_.erase(id); }

  // The channel must not be known to the queue any more: it is about to go.
  void forget(const Channel& channel);

 private:
  static constexpr Millis kRetryMin = std::chrono::milliseconds(500);
  static constexpr Millis kRetryMax = std::chrono::seconds(5);

  void ask(Channel& channel, Output& out);

  std::map<std::uint64_t, Channel*> commands_;  // unanswered subscribe commands
  std::uint64_t last_id_ = 0;

  Instant now_{};
  std::deque<Channel*> queue_;
  std::vector<Channel*> later_;  // put off until due_
  std::optional<Instant> due_;
  bool paused_ = false;  // the server has had too many commands: none before due_
  Millis retry_delay_ = kRetryMin;
};

}  // namespace usher::client
