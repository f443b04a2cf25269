// Whether the whole gateway reaches Redis. All its links report here. One line is logged when the
// first link is lost, and one when the last link is back.
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

  // Adds a link, which is down at first.
  void add();
  void remove(bool was_up);

  // The caller must report each change once. Only on_refused() may be repeated, because the reason
  // may change; the first reason is logged.
  void on_up(std::string_view address, std::string_view version);
  void on_lost(std::string_view address, std::string_view reason);     // it was up
  void on_refused(std::string_view address, std::string_view reason);  // it was not up

  // Returns the reason for which a link was last lost, or last failed to come up. Any thread.
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
