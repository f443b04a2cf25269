// A real redis-server that works one step at a time, with a clock that the test moves forward: the
// commands of links and pub/sub wait until the test executes one of them.
//
// So the calls of several shards reach Redis in an order that the test draws, and nothing depends
// on the machine's speed. The real links, on real sockets with their failures, have tests of their
// own (tests/redis, tests/faults).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "redis/link/commands.h"
#include "redis/link/pub_sub.h"
#include "redis/link/reply_reader.h"
#include "support/redis_server.h"

namespace usher::test {

// A blocking connection: sends a command, waits for its answer.
class RedisTalk {
 public:
  explicit RedisTalk(const RedisServer& server);
  ~RedisTalk();
  RedisTalk(const RedisTalk&) = delete;
  RedisTalk& operator=(const RedisTalk&) = delete;

  void say(const std::vector<std::string>& words);
  redis::Reply hear();
  redis::Reply ask(const std::vector<std::string>& words);

 private:
  int fd_;
  redis::ReplyReader reader_;
};

class SteppedLink final : public redis::Commands {
 public:
  SteppedLink(const RedisServer& server, const std::string& run_id, const Duration& turned)
      : talk_(server), run_id_(run_id), turned_(turned) {}

  void call(Words words, Handler done) override;
  void run(const redis::Script& script, Words keys, Words arguments, Handler done) override;
  std::string_view run_id() const override {
    return is_up ? std::string_view(run_id_) : std::string_view();
  }
  std::string_view replication_id() const override { return run_id(); }
  std::uint64_t connection() const override { return is_up ? connections : 0; }

  // Executes the oldest command. Returns false if there is none.
  bool step();
  // Delivers the answers that arrived while the link was slow.
  void answer();

  bool is_slow = false;  // commands are executed, but their answers wait
  bool is_up = true;     // false: commands are not sent
  std::uint64_t connections = 1;
  std::size_t commands = 0;

 private:
  RedisTalk talk_;
  const std::string& run_id_;
  const Duration& turned_;
  std::deque<std::pair<Words, Handler>> waiting_;
  std::deque<std::pair<redis::Reply, Handler>> answers_;
};

class SteppedPubSub final : public redis::PubSub {
 public:
  SteppedPubSub(const RedisServer& server, redis::PubSubListener& listener)
      : server_(server), listener_(listener) {}

  void subscribe(std::string_view channel, Handler done) override;
  void unsubscribe(std::string_view channel) override;

  void connect();     // restores the subscriptions, and tells the listener
  void disconnect();  // messages published from now on are lost
  // Drops one message that Redis has delivered, because pub/sub guarantees nothing. Returns false
  // if there is none.
  bool lose_one();

  // Executes the oldest command, or passes the oldest message on. Returns false if there is
  // neither.
  bool step();
  // Fetches the messages that Redis has delivered so far.
  void fetch();

 private:
  struct Wish {
    bool subscribe;
    std::string channel;
    Handler done;
  };
  struct Event {
    std::string channel;
    std::string payload;
    Handler done;  // set: a subscription's answer, not a message
  };

  void hear_until(std::string_view kind);

  const RedisServer& server_;
  redis::PubSubListener& listener_;
  std::unique_ptr<RedisTalk> talk_;
  std::map<std::string, bool> subscribed_;
  std::deque<Wish> wishes_;
  std::deque<Event> events_;
};

// The server, its run ID, and its clock.
class SteppedRedis {
 public:
  SteppedRedis();

  const RedisServer& server() const { return server_; }
  const std::string& run_id() const { return run_id_; }
  const Duration& turned() const { return turned_; }
  RedisTalk& talk() { return *talk_; }

  void forget_all() { talk_->ask({"FLUSHALL"}); }
  // Requires: whole seconds. Keys expire, and scripts see a later time.
  void advance(Duration by);
  // Changes the run ID, as after a restart that kept all data.
  void begin_another_life() { run_id_ = "another" + std::to_string(++lives_); }

 private:
  RedisServer server_;
  std::unique_ptr<RedisTalk> talk_;
  std::string run_id_ = "first";
  int lives_ = 0;
  Duration turned_{};
};

}  // namespace usher::test
