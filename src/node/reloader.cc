#include "node/reloader.h"

#include <mutex>
#include <thread>
#include <utility>

namespace usher::node {

struct Reloader::State {
  explicit State(Load l) : load(std::move(l)) {}

  const Load load;
  std::mutex mutex;
  bool wanted = false;  // guarded by mutex, as all below
  bool busy = false;
  bool gone = false;  // the Reloader is
};

Reloader::Reloader(Load load) : state_(std::make_shared<State>(std::move(load))) {}

Reloader::~Reloader() {
  const std::lock_guard lock(state_->mutex);
  state_->gone = true;
}

bool Reloader::ask() {
  const std::lock_guard lock(state_->mutex);
  state_->wanted = true;
  if (std::exchange(state_->busy, true)) return false;
  // Detached: a thread that waits for a disk can't be joined.
  std::thread([state = state_] { run(state); }).detach();
  return true;
}

bool Reloader::is_busy() const {
  const std::lock_guard lock(state_->mutex);
  return state_->busy;
}

void Reloader::run(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (!state->gone && std::exchange(state->wanted, false)) {
    lock.unlock();
    const std::function<void()> use = state->load();
    lock.lock();
    if (!state->gone) use();
  }
  state->busy = false;
}

}  // namespace usher::node
