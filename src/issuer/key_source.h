// Fetches the key set of one issuer when KeyRefresh decides so. While the source is down, the
// current keys stay in use.
//
// Threads: ask(), refresh(), retire() and are_missing() from any thread; start() once. `take` and
// the handlers are called on the Outbound's thread, except for handlers that can be answered at
// once.
// Owns: itself, while a fetch or its timer is under way.
// Borrows: the arguments of the constructor, which must outlive the Outbound's thread.
// Limits: kWaitingMax handlers; 64 KiB for an answer; 5 s for a fetch; no redirects.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "http_client/call.h"
#include "http_client/outbound.h"
#include "issuer/key_refresh.h"
#include "issuer/newer_keys.h"

namespace usher::issuer {

struct KeySourceOptions {
  std::string name = "jwt.jwks_url";  // for the log
  http_client::Endpoint endpoint;
  Duration interval = std::chrono::seconds(30);
};

// The request for a key set, and the reason why its answer has no key set ("" if it has one).
http_client::Request key_set_request(http_client::Endpoint endpoint);
std::string key_set_fault(const http_client::Answer& answer);

class KeySource : public std::enable_shared_from_this<KeySource> {
 public:
  static constexpr std::size_t kWaitingMax = 1024;

  // Puts a key set to use. Returns "" on success, otherwise the reason.
  using Take = std::function<std::string(std::string_view body)>;
  using Done = UniqueFunction<void(KeyNews)>;

  KeySource(KeySourceOptions options, http_client::Outbound& outbound, const Clock& clock, Log& log,
            Take take);

  void start();
  void refresh();
  void ask(Done done);
  bool are_missing() const;
  const std::string& name() const { return options_.name; }

  // Fetches no more. What waits for a fetch that is under way is still answered.
  void retire();

 private:
  // A call of ask() that waits for a fetch, and whether the fetch began because of it.
  struct Question {
    Done done;
    bool has_begun_it;
  };

  void look_after();  // on the Outbound's thread: begins what is due, and arms the timer
  void fetch();
  void answered(const http_client::Answer& answer);
  void tell(const std::string& fault, bool are_none);

  const KeySourceOptions options_;
  http_client::Outbound& outbound_;
  const Clock& clock_;
  Log& log_;
  const Take take_;
  boost::asio::steady_timer timer_;
  mutable std::mutex mutex_;
  KeyRefresh refresh_;             // guarded by mutex_
  std::vector<Question> waiting_;  // guarded by mutex_
  bool is_retired_ = false;        // guarded by mutex_
  std::string last_fault_;         // of the last fetch; on the Outbound's thread
};

}  // namespace usher::issuer
