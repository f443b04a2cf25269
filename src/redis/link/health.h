// Whether Redis can be reached, for the whole gateway: all its links report here, and one line is
// logged when the first is lost, and one when the last is back.
//
// Threads: any. Borrows: the log.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>

#include "base/log.h"

namespace usher::redis {

class Health {
 public:
  // `what` names the links in the log: "commands", "pub/sub".
  Health(Log& log, std::string_view what) : log_(log), what_(what) {}

  // A link that is to be up; it starts as down.
  void add();
  void remove(bool was_up);

  // Repeated reports of one state are for the caller to leave out; but the reason of a link that
  // still isn't up may change: only the first is logged.
  void on_up(std::string_view address, std::string_view version);
  void on_lost(std::string_view address, std::string_view reason);     // it was up
  void on_refused(std::string_view address, std::string_view reason);  // it was not up

  // Why a link was last lost, or did not come up. Any thread.
  std::string reason() const;

  bool all_up() const { return up_ == links_; }

 private:
  void say_down(std::string_view address, std::string_view reason);

  Log& log_;
  const std::string what_;
  mutable std::mutex mutex_;
  std::string reason_;
  std::atomic<int> links_ = 0;
  std::atomic<int> up_ = 0;
  bool said_down_ = false;
  bool said_up_ = false;
};

}  // namespace usher::redis
