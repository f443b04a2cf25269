// Commands over one connection, pipelined: all calls of one turn of the loop leave in one write,
// and answers are matched by their order.
//
// So one command without an answer within command_timeout ends the connection, and all commands in
// flight fail with no_answer. While there is no connection, each call fails with not_sent at once:
// no command waits for Redis to come back. An idle connection is pinged every ping_interval. An
// answer that only a replica gives ends the connection too.
//
// Threads: the shard's. Owns: its connection. Borrows: the objects in Dependencies.
// Limits: LinkOptions. Handlers of a link that is destroyed are dropped.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "redis/link/commands.h"
#include "redis/link/dialer.h"
#include "redis/link/later.h"

namespace usher::redis {

struct LinkOptions {
  DialerOptions dialer;
  Duration command_timeout = std::chrono::milliseconds(500);
  Duration ping_interval = std::chrono::seconds(1);
  std::size_t in_flight_max = 32768;
  std::size_t in_flight_bytes_max = 64 << 20;
  std::function<void()> connected = {};  // called when a connection has come up; may be empty
};

// Written by the link's thread, read by any.
struct LinkCounts {
  std::atomic<std::uint64_t> commands = 0;     // that were accepted
  std::atomic<std::uint64_t> unanswered = 0;   // refused, or lost with their connection
  std::atomic<std::uint64_t> connections = 0;  // that came up
  std::atomic<std::uint64_t> in_flight = 0;
};

class Link final : public Commands, private Dialer::Listener {
 public:
  Link(LinkOptions options, Destination destination, Dependencies dependencies);

  void start() { dialer_.start(); }

  // For commands from now on.
  void set_command_timeout(Duration timeout) { options_.command_timeout = timeout; }

  void call(Words words, Handler done) override;
  void run(const Script& script, Words keys, Words arguments, Handler done) override;
  std::string_view run_id() const override { return dialer_.server().run_id; }
  std::string_view replication_id() const override { return dialer_.server().replication_id; }
  std::uint64_t connection() const override { return is_up() ? dialer_.connections() : 0; }

  bool is_up() const { return dialer_.is_up(); }
  const LinkCounts& counts() const { return counts_; }

 private:
  // A call that is sent again if Redis has forgotten the script.
  struct ScriptCall {
    const Script* script;
    Words keys;
    Words arguments;
  };
  struct InFlight {
    Handler done;
    TimePoint due;
    std::size_t bytes;
    std::unique_ptr<ScriptCall> by_sha1;
  };

  void on_up() override;
  void on_answers(std::vector<Reply> replies) override;
  void on_down() override;

  bool admits(std::size_t bytes) const;
  void refuse(Handler done);
  void take_on(Handler done, std::size_t bytes, std::unique_ptr<ScriptCall> by_sha1);
  void write_script(const char* command, const std::string& script, const Words& keys,
                    const Words& arguments);
  void say_again(InFlight forgotten);
  void flush();
  void on_deadline();
  void ping();

  LinkOptions options_;
  const Dependencies dependencies_;
  LinkCounts counts_;
  std::string outgoing_;  // of this turn
  std::deque<InFlight> in_flight_;
  std::size_t unsent_ = 0;  // the number of last entries that are still in outgoing_
  std::size_t in_flight_bytes_ = 0;
  std::vector<const Script*> known_scripts_;  // on this connection
  std::vector<Handler> refused_;              // are called after this turn
  Later flush_;
  Later tell_refused_;
  Later deadline_;
  Later ping_;
  Dialer dialer_;
};

}  // namespace usher::redis
