#include "node/reloader.h"

#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace usher::node {

struct Reloader::State {
  explicit State(Load l) : load(std::move(l)) {}

  const Load load;
  // Held while the new settings are put to use. A mutex of its own: ask() must not wait for that.
  std::mutex using_it;
  std::mutex mutex;
  bool wanted = false;  // guarded by mutex, as all below
  bool busy = false;
  bool gone = false;  // the Reloader is
  std::vector<Done> waiting;
  std::vector<Done> under_way;  // of the reload that runs
};

Reloader::Reloader(Load load) : state_(std::make_shared<State>(std::move(load))) {}

Reloader::~Reloader() { end(); }

void Reloader::end() {
  // Destroyed here, not on the other thread: they may refer to what the owner still has.
  std::vector<Done> waiting;
  std::vector<Done> under_way;
  {
    const std::lock_guard lock(state_->mutex);
    state_->gone = true;
  }
  const std::lock_guard until_used(state_->using_it);
  const std::lock_guard lock(state_->mutex);
  waiting.swap(state_->waiting);
  under_way.swap(state_->under_way);
}

Reloader::Asked Reloader::ask(Done done) {
  const std::lock_guard lock(state_->mutex);
  if (done) {
    if (state_->waiting.size() >= kWaitingMax) return Asked::too_many;
    state_->waiting.push_back(std::move(done));
  }
  state_->wanted = true;
  if (std::exchange(state_->busy, true)) return Asked::later;
  // Detached: a thread that waits for a disk can't be joined.
  std::thread([state = state_] { run(state); }).detach();
  return Asked::now;
}

bool Reloader::is_busy() const {
  const std::lock_guard lock(state_->mutex);
  return state_->busy;
}

void Reloader::run(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (!state->gone && std::exchange(state->wanted, false)) {
    state->under_way = std::exchange(state->waiting, {});
    lock.unlock();
    const Use use = state->load();
    const std::lock_guard using_it(state->using_it);
    lock.lock();
    if (state->gone) break;
    lock.unlock();
    const ReloadOutcome outcome = use();
    lock.lock();
    for (Done& done : state->under_way) done(outcome);
    state->under_way.clear();
  }
  state->busy = false;
}

}  // namespace usher::node
