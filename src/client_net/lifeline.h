// The way back to an object from what may outlive it: a user's copy of a TokenReply or a Ticket.
// After cut() it leads nowhere.
//
// While a call goes through it, the object and the executor behind it are not destroyed.
//
// Threads: any.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace usher::client_net {

template <class Object>
class Lifeline {
 public:
  void tie(std::weak_ptr<Object> object) {
    const std::lock_guard lock(mutex_);
    object_ = std::move(object);
  }

  // The owner must call it before it lets the object go.
  void cut() { tie({}); }

  // Calls `use` with the object if it lives. `use` must not call back into the user's code.
  template <class Use>
  void with(Use&& use) {
    const std::lock_guard lock(mutex_);
    if (const auto object = object_.lock()) use(*object);
  }

 private:
  std::mutex mutex_;
  std::weak_ptr<Object> object_;
};

// Runs `work` later on the object's loop, if it lives then.
template <class Object>
void post_to(Lifeline<Object>& line, std::function<void()> work) {
  line.with([&](Object& object) {
    object.loop().post([weak = object.weak_from_this(), work = std::move(work)] {
      if (const auto alive = weak.lock()) work();
    });
  });
}

}  // namespace usher::client_net
