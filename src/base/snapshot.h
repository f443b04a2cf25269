// A value that is replaced as a whole while others use it: keys and origin lists at SIGHUP.
//
// Readers keep the version that they took for as long as they hold the pointer.
//
// Threads: shared; get() and set() may be called from any.
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
    value_.swap(value);  // the old one is destroyed after the lock is gone
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace usher
