#include "bench/load/load_threads.h"

#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/system.h"
#include "bench/load/mailbox.h"
#include "bench/load/share.h"

namespace usher::bench {

struct LoadThreads::Thread {
  Thread(const Clock& clock, const Target& target, std::size_t ticket_lines, std::uint64_t seed)
      : loop(clock), numbers(seed), desk(loop, target, ticket_lines) {}

  Loop loop;
  Numbers numbers;
  TicketDesk desk;
  std::optional<Setting> setting;
  std::unique_ptr<Mailbox> mailbox;  // null: the only thread
  bool released = false;             // from the phase that it has finished
};

LoadThreads::LoadThreads(const Clock& clock, const Target& target, std::size_t count,
                         std::size_t ticket_lines)
    : target_(target) {
  USHER_CHECK(count >= 1 && count <= kThreadsMax);
  const auto seed = static_cast<std::uint64_t>(clock.now().time_since_epoch().count());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t lines = std::max<std::size_t>(share_of(ticket_lines, count, i).count, 1);
    threads_.push_back(std::make_unique<Thread>(clock, target, lines, seed + (i << 48)));
    Thread& thread = *threads_.back();
    thread.setting.emplace(Setting{thread.loop, target, thread.desk, thread.numbers});
    if (count > 1) thread.mailbox = std::make_unique<Mailbox>(thread.loop);
  }
}

LoadThreads::~LoadThreads() = default;

const Setting& LoadThreads::operator[](std::size_t i) const { return *threads_[i]->setting; }

void LoadThreads::run(const std::function<void(std::size_t)>& phase) {
  if (size() == 1) return phase(0);
  unfinished_ = size();
  for (const auto& thread : threads_) thread->released = false;
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < size(); ++i) {
    others.emplace_back([this, &phase, i] {
      phase(i);
      post(0, [this] { one_has_finished(); });
      turn_until_released(*threads_[i]);
    });
  }
  phase(0);
  one_has_finished();
  turn_until_released(*threads_[0]);
  for (std::thread& other : others) other.join();
}

void LoadThreads::one_has_finished() {
  if (--unfinished_ > 0) return;
  threads_[0]->released = true;
  for (std::size_t i = 1; i < size(); ++i) {
    post(i, [this, i] { threads_[i]->released = true; });
  }
}

void LoadThreads::turn_until_released(Thread& thread) {
  constexpr Duration kLong = std::chrono::hours(1);
  while (!thread.loop.run([&thread] { return thread.released; }, kLong)) {
  }
}

void LoadThreads::post(std::size_t to, std::function<void()> task) {
  threads_[to]->mailbox->post(std::move(task));
}

Duration LoadThreads::cpu_of_each() const {
  return process_cpu_time(getpid()).value_or(Duration::zero()) / static_cast<long>(size());
}

std::optional<ProcessUsage> LoadThreads::usage_at_rest() {
  std::optional<ProcessUsage> usage;
  run([&](std::size_t i) {
    if (i == 0) usage = bench::usage_at_rest(threads_[0]->loop, target_);
  });
  return usage;
}

}  // namespace usher::bench
