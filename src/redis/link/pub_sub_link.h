// PubSub over a connection of its own.
//
// After a reconnect, all confirmed channels are subscribed again, in few large commands. Only then
// is the listener told that no message is missed any more. The connection ends if a command (at
// least a ping) is unanswered and the peer sends nothing at all for answer_timeout.
//
// Threads: the loop's. Owns: its connection. Borrows: the listener and the objects in Dependencies.
// Limits: as many channels as the gateway has; PubSubOptions. A link that is destroyed drops its
// handlers.
#pragma once

#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include "redis/link/dialer.h"
#include "redis/link/later.h"
#include "redis/link/pub_sub.h"

namespace usher::redis {

struct PubSubOptions {
  DialerOptions dialer;
  Duration ping_interval = std::chrono::seconds(1);
  Duration answer_timeout = std::chrono::milliseconds(500);
  std::size_t channels_per_command = 1000;
};

class PubSubLink final : public PubSub, private Dialer::Listener {
 public:
  PubSubLink(PubSubOptions options, Destination destination, Dependencies dependencies,
             PubSubListener& listener);

  void start() { dialer_.start(); }

  void set_answer_timeout(Duration timeout) { options_.answer_timeout = timeout; }

  void subscribe(std::string_view channel, Handler done) override;
  void unsubscribe(std::string_view channel) override;

  // Returns whether all channels are subscribed, and no message is missed.
  bool is_ready() const { return is_ready_; }

 private:
  enum class Verb : std::uint8_t { subscribe, unsubscribe, ping };

  // One command. Commands are answered in order, and Redis confirms each channel.
  struct Asked {
    Verb verb;
    TimePoint asked_at;
    std::deque<std::string> channels;  // not confirmed yet
    std::deque<Handler> handlers;      // one for each; empty where it is subscribed again
  };

  void on_up() override;
  void on_answers(std::vector<Reply> replies) override;
  void on_down() override;

  bool on_answer(const Reply& reply);  // false: it fits no open command
  bool on_pushed(const Reply& reply);
  bool on_confirmed(Verb verb, const std::string& channel);
  bool on_pong();
  bool on_refused(const Reply& error);
  void resubscribed();
  void ask(Verb verb, std::string_view channel, Handler done);
  void ask(Verb verb);
  void flush();
  void ping();
  void on_deadline();

  PubSubOptions options_;
  const Dependencies dependencies_;
  PubSubListener& listener_;
  std::unordered_set<std::string> channels_;  // confirmed; are subscribed again after a loss
  std::deque<Asked> asked_;
  std::size_t unsent_ = 0;         // the number of last entries that are not sent yet
  std::size_t resubscribing_ = 0;  // channels still to be confirmed
  bool is_ready_ = false;
  TimePoint heard_at_;
  std::vector<Handler> refused_;
  Later flush_;
  Later tell_refused_;
  Later ping_;
  Later deadline_;
  Dialer dialer_;
};

}  // namespace usher::redis
