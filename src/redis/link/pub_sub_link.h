// PubSub over one connection of its own.
//
// What was confirmed is subscribed again, in few large commands, when a connection was lost and is
// back, and only then the listener is told that nothing is missed any more. A peer that was asked
// for something, if only for a sign of life, and says nothing at all for answer_timeout is given
// up.
//
// Threads: the loop's. Owns: its connection. Borrows: the listener and what Dependencies names.
// Limits: as many channels as the gateway has; PubSubOptions. Handlers of a link that is destroyed
// are dropped.
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

  void subscribe(std::string_view channel, Handler done) override;
  void unsubscribe(std::string_view channel) override;

  // Everything is subscribed, and nothing is missed.
  bool is_ready() const { return is_ready_; }

 private:
  enum class Verb : std::uint8_t { subscribe, unsubscribe, ping };

  // One command, in the order of their answers. Redis confirms each of its channels.
  struct Asked {
    Verb verb;
    TimePoint asked_at;
    std::deque<std::string> channels;  // not confirmed yet
    std::deque<Handler> handlers;      // one for each; an empty one: subscribed again after a loss
  };

  void on_up() override;
  void on_answers(std::vector<Reply> replies) override;
  void on_down() override;

  bool on_answer(const Reply& reply);  // false: it fits nothing that was asked
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

  const PubSubOptions options_;
  const Dependencies dependencies_;
  PubSubListener& listener_;
  std::unordered_set<std::string> channels_;  // confirmed; subscribed again after a loss
  std::deque<Asked> asked_;
  std::size_t unsent_ = 0;         // the last of these
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
