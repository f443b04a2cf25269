// A real redis-server, spoken to one step at a time, and with a clock that the test turns forward:
// links and pub/sub whose commands wait until the test lets one of them happen.
//
// So calls of several shards meet in Redis in whatever order a test draws, and nothing depends on
// how fast the machine is. What happens between gateway and Redis on real sockets, and what can go
// wrong there, is tested with the real links (tests/redis, tests/faults).
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

// Says a command, waits for its answer.
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

  // Lets the oldest command happen. False: there is none.
  bool step();
  // Hands on the answers that came while it was slow.
  void answer();

  bool is_slow = false;  // what is asked happens, and its answer waits
  bool is_up = true;     // false: what is called is not sent
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

  void connect();     // subscribes again what was subscribed, and says so
  void disconnect();  // what is published from now on is lost
  // Forgets one message that Redis has passed on: pub/sub promises nothing. False: there is none.
  bool lose_one();

  // Lets the oldest command happen, or hands the oldest message on. False: there is none.
  bool step();
  // Fetches what Redis has passed on so far.
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
    Handler done;  // of a subscription, instead of a message
  };

  void hear_until(std::string_view kind);

  const RedisServer& server_;
  redis::PubSubListener& listener_;
  std::unique_ptr<RedisTalk> talk_;
  std::map<std::string, bool> subscribed_;
  std::deque<Wish> wishes_;
  std::deque<Event> events_;
};

// The server, its name, and its clock.
class SteppedRedis {
 public:
  SteppedRedis();

  const RedisServer& server() const { return server_; }
  const std::string& run_id() const { return run_id_; }
  const Duration& turned() const { return turned_; }
  RedisTalk& talk() { return *talk_; }

  void forget_all() { talk_->ask({"FLUSHALL"}); }
  // Whole seconds. Keys expire, and scripts see a later time.
  void advance(Duration by);
  // From now on it says that it is another one, as after a restart with all its data.
  void begin_another_life() { run_id_ = "another" + std::to_string(++lives_); }

 private:
  RedisServer server_;
  std::unique_ptr<RedisTalk> talk_;
  std::string run_id_ = "first";
  int lives_ = 0;
  Duration turned_{};
};

}  // namespace usher::test
