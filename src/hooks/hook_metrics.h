// The metrics of hooks: the outcome of each event.
//
// Threads: shared. Unlike a shard's own metrics, these are written by several threads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "session/hooks.h"

namespace usher::metrics {
class MetricsPage;
}

namespace usher::hooks {

enum class HookOutcome : std::uint8_t {
  answered,  // or, for a notification, received
  refused,   // the backend answered with an error
  failed,    // no usable answer
  late,      // no answer within hooks.timeout
  no_room,   // too many requests wait already
  count_,
};
std::string_view to_string(HookOutcome outcome);

struct HookMetrics {
  using Count = std::atomic<std::uint64_t>;

  static constexpr auto kKinds = static_cast<std::size_t>(session::HookEvent::Kind::count_);
  static constexpr auto kOutcomes = static_cast<std::size_t>(HookOutcome::count_);

  std::array<std::array<Count, kOutcomes>, kKinds> ended{};
  Count retries = 0;

  void count(session::HookEvent::Kind kind, HookOutcome outcome) {
    ended[static_cast<std::size_t>(kind)][static_cast<std::size_t>(outcome)].fetch_add(
        1, std::memory_order_relaxed);
  }
  std::uint64_t value(session::HookEvent::Kind kind, HookOutcome outcome) const {
    return ended[static_cast<std::size_t>(kind)][static_cast<std::size_t>(outcome)].load(
        std::memory_order_relaxed);
  }
};

// Borrows `metrics`, which must outlive the page.
void add_to(metrics::MetricsPage& page, const HookMetrics& metrics);

}  // namespace usher::hooks
