// Runs the reloads that SIGHUP and POST /admin/reload ask for on a thread of its own, one at a
// time. A reload reads files, and a disk that hangs must not hold up the next signal or a client.
//
// If a reload is asked for while one is under way, one more runs afterwards.
//
// Threads: ask(), is_busy() from any thread, end() and the destructor from the owner's; `load` and the
// functions run on the thread of the Reloader.
// Owns: that thread, which outlives the Reloader if `load` does not return.
// Limits: kWaitingMax callers that wait for an outcome.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/unique_function.h"
#include "node/reload_outcome.h"

namespace usher::node {

class Reloader {
 public:
  // `load` may take forever, and must own or share all that it uses. The function that it returns
  // is called unless the Reloader is destroyed by then. That function must not take long, because
  // the destructor waits for it.
  using Use = std::function<ReloadOutcome()>;
  using Load = std::function<Use()>;
  // Must not take long either, nor call the Reloader.
  using Done = UniqueFunction<void(const ReloadOutcome&)>;

  static constexpr std::size_t kWaitingMax = 16;

  explicit Reloader(Load load);
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // From the return of end() on, no new settings are put to use. The destructor does the same.
  void end();

  enum class Asked : std::uint8_t {
    now,       // it begins
    later,     // one is under way, and one more follows it
    too_many,  // as many as kWaitingMax wait for an outcome: `done` is not called
  };
  // `done` may be empty. It is called with the outcome of a reload that began after this call, or
  // never if the Reloader is destroyed first.
  Asked ask(Done done = {});

  bool is_busy() const;

 private:
  struct State;
  static void run(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;  // shared with the thread
};

}  // namespace usher::node
