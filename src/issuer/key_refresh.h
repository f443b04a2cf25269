// Decides when an issuer's published keys are fetched: at the start, when a token names an unknown
// key, and when the operator asks. There is one fetch at a time, and at most one per interval,
// however many requests there are.
//
//     idle ──begin──▶ fetching ──ended──▶ idle
//
// Until the first keys have arrived, a fetch begins by itself once per interval, because there may
// be no other request for one.
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

  // The answer to a token that names an unknown key.
  enum class Advice : std::uint8_t {
    begin,  // the caller must fetch now, then call ended()
    wait,   // a fetch is under way
    too_soon,
  };
  Advice on_unknown_key(TimePoint now);

  // For the operator: requests a fetch as soon as one is allowed. See wake_at().
  void want() { wanted_ = true; }

  // Returns when begin_if_due() must be called next; `nullopt` if no fetch is planned.
  std::optional<TimePoint> wake_at() const;
  // Returns true if a fetch is due. Then the caller must fetch, and call ended().
  bool begin_if_due(TimePoint now);

  void ended(bool got_keys);

  bool had_keys() const { return had_keys_; }

  // Returns how long until the next fetch may begin; zero if it may begin now. The interval counts
  // from the start of the last fetch, also while that fetch is under way.
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
