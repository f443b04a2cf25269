// A value that is replaced as a whole while other threads read it: keys and Origin lists on SIGHUP.
//
// A reader keeps the version that get() returned for as long as it holds the pointer.
//
// Threads: shared; get() and set() may be called from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace usher {

template <class T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> value) : value_(std::move(value)) {}

  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  void set(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    value_.swap(value);  // the old value is destroyed after the lock is released
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace usher
