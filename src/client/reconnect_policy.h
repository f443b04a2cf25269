// How long a client waits before it connects again, and what it has behind it.
//
// Capped exponential backoff with jitter around the middle; a longer delay that the server gave
// takes its place, spread upwards only, since it is a lower bound. Arithmetic in doubles, so that
// the TypeScript client computes the same bits. Pure decisions: no timer, no clock, no randomness
// of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace usher::client {

// What the server had to say about the next delay.
struct GivenDelay {
  double ms = 0;       // zero: nothing
  bool place = false;  // a place in a queue: spread by at most a second
};

inline constexpr GivenDelay kNoDelay{};

// No delay is longer, whoever asks for it.
inline constexpr std::chrono::milliseconds kDelayCap = std::chrono::hours(1);

// `ms` floored and at most kDelayCap; zero for what is not a positive number.
std::chrono::milliseconds capped_delay(double ms);

// Uniform in [0, 1).
using Random = std::function<double()>;

class ReconnectPolicy {
 public:
  // `random` is drawn once for each delay, nowhere else.
  explicit ReconnectPolicy(Random random) : random_(std::move(random)) {}

  // Failures in a row.
  std::uint32_t failures() const { return failures_; }

  // One more failure: the delay after it. `spread_ms` above zero: a stable connection was lost, and
  // its server wants its clients back over that window.
  std::chrono::milliseconds failed(GivenDelay given, double spread_ms);

  // One more failure, but nothing is wrong except the ticket: true, once in a row.
  bool failed_free();

  // A connection was up for long enough: nothing is in a row any more.
  void stable();

  // The user has disconnected. Does not end "in a row" for the free retry.
  void restart() { failures_ = 0; }

 private:
  Random random_;
  std::uint32_t failures_ = 0;
  bool free_retry_used_ = false;
};

}  // namespace usher::client
