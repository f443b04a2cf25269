// Fetches the key set of jwt.jwks_url, when auth::KeyRefresh says so. Keys that are in use stay
// while the source is down.
//
// Threads: ask(), refresh() and are_missing() from any; start() once. `take` and the handlers are
// called on the Outbound's thread, but for those that can be answered at once.
// Borrows: what it is given; must outlive the Outbound's thread.
// Limits: kWaitingMax handlers; 64 KiB of answer; 5 s for it all; no redirects.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "auth/key_refresh.h"
#include "base/log.h"
#include "gateway/newer_keys.h"
#include "http_client/call.h"
#include "net/outbound.h"

namespace usher::net {

class Shard;

struct KeySourceOptions {
  http_client::Endpoint endpoint;
  Duration interval = std::chrono::seconds(30);
};

// The request for a key set; and why its answer has none, or "".
http_client::Request key_set_request(http_client::Endpoint endpoint);
std::string key_set_fault(const http_client::Answer& answer);

class KeySource {
 public:
  static constexpr std::size_t kWaitingMax = 1024;

  // Puts a key set to use. Gives back why it can't; "" if it can.
  using Take = std::function<std::string(std::string_view body)>;
  using Done = UniqueFunction<void(gateway::KeyNews)>;

  KeySource(KeySourceOptions options, Outbound& outbound, const Clock& clock, Log& log, Take take);

  void start();
  void refresh();
  void ask(Done done);
  bool are_missing() const;

 private:
  // A question that waits for a fetch; and whether the fetch began because of it.
  struct Question {
    Done done;
    bool has_begun_it;
  };

  void look_after();  // on the Outbound's thread: begins what is due, and arms the timer
  void fetch();
  void answered(const http_client::Answer& answer);
  void tell(const std::string& fault, bool are_none);

  const KeySourceOptions options_;
  Outbound& outbound_;
  const Clock& clock_;
  Log& log_;
  const Take take_;
  boost::asio::steady_timer timer_;
  mutable std::mutex mutex_;
  auth::KeyRefresh refresh_;       // guarded by mutex_
  std::vector<Question> waiting_;  // guarded by mutex_
  std::string last_fault_;         // of the last fetch; on the Outbound's thread
};

// The source as one shard's routes know it. Borrows both.
class ShardKeys final : public gateway::NewerKeys {
 public:
  ShardKeys(KeySource& source, Shard& shard) : source_(source), shard_(shard) {}

  void ask(UniqueFunction<void(gateway::KeyNews)> done) override;
  bool are_missing() const override { return source_.are_missing(); }

 private:
  KeySource& source_;
  Shard& shard_;
};

}  // namespace usher::net
