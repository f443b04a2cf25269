// When an issuer's published keys are fetched: at the start, when a token names a key that we do
// not have, and when the operator asks; one fetch at a time, and at most one an interval, whoever
// asks how often.
//
//     idle ──begin──▶ fetching ──ended──▶ idle
//
// While no key was ever had, it asks by itself once an interval: nobody else may.
//
// Threads: none of its own.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace usher::issuer {

class KeyRefresh {
 public:
  explicit KeyRefresh(Duration interval) : interval_(interval) {}

  // A token names a key that we do not have.
  enum class Advice : std::uint8_t {
    begin,  // fetch now, and say ended()
    wait,   // one is under way
    too_soon,
  };
  Advice on_unknown_key(TimePoint now);

  // The operator asks: as soon as may be. See wake_at().
  void want() { wanted_ = true; }

  // When to begin by itself; nothing: not before something happens.
  std::optional<TimePoint> wake_at() const;
  // Is that now? Then fetch, and say ended().
  bool begin_if_due(TimePoint now);

  void ended(bool got_keys);

  bool had_keys() const { return had_keys_; }

  // How long until the next fetch may begin; zero: it may now. While one is under way, its start
  // counts.
  Duration until_next(TimePoint now) const;

 private:
  enum class State : std::uint8_t { idle, fetching };

  bool may_begin(TimePoint now) const { return !begun_at_ || now >= *begun_at_ + interval_; }
  void begin(TimePoint now);

  Duration interval_;
  std::optional<TimePoint> begun_at_;
  State state_ = State::idle;
  bool wanted_ = true;
  bool had_keys_ = false;
};

}  // namespace usher::issuer
