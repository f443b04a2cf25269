// Listens to a usher::Client, and waits until a condition of the test holds, never for a time.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "usher/client.h"

namespace usher::test {

class ClientProbe {
 public:
  // Returns options that report every event to this probe. The probe must outlive the client.
  ClientOptions options(std::string url) {
    ClientOptions options{.url = std::move(url)};
    options.on_status = [this](ClientStatus status) {
      note(statuses, std::string(to_string(status)));
    };
    options.on_message = [this](const ClientMessage& m) {
      note(messages, m.channel + " " + m.data);
    };
    options.on_subscribed = [this](const std::string& channel, bool recovered) {
      note(subscribed, channel + (recovered ? " recovered" : " new"));
    };
    options.on_subscription_failed = [this](const std::string& channel, std::int64_t code) {
      note(refused, channel + " " + std::to_string(code));
    };
    options.on_failed = [this](const ClientFailure& failure) { note(failures, failure.reason); };
    options.on_log = [this](ClientLogLevel, const std::string& text) { note(log, text); };
    options.on_detail = [this](const std::string& text) { note(details, text); };
    return options;
  }

  // Returns false if the condition does not hold within ten seconds.
  template <class Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), condition);
  }
  bool wait_for_log(const std::string& line) {
    return wait([&] { return std::find(log.begin(), log.end(), line) != log.end(); });
  }
  bool wait_for_status(const std::string& status) {
    return wait([&] { return !statuses.empty() && statuses.back() == status; });
  }

  void note(std::vector<std::string>& list, std::string text) {
    const std::lock_guard lock(mutex_);
    list.push_back(std::move(text));
    changed_.notify_all();
  }

  // Read them inside wait(), or when the client is gone.
  std::vector<std::string> statuses, messages, subscribed, refused, failures, log, details;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace usher::test
