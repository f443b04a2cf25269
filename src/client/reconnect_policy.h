// How long a client waits before it connects again, and how many attempts have failed in a row.
//
// Capped exponential backoff with jitter around the middle. A longer delay that the server gave
// takes its place; jitter only lengthens it, since it is a lower bound. The arithmetic is in
// doubles, so that the TypeScript client computes the same bits. Pure decisions: no timer, no
// clock, no randomness of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace usher::client {

// The next delay as the server wants it.
struct GivenDelay {
  double ms = 0;       // 0: the server has named none
  bool place = false;  // a place in a queue: jitter adds at most a second
};

inline constexpr GivenDelay kNoDelay{};

// The upper bound of every delay, the server's included.
inline constexpr std::chrono::milliseconds kDelayCap = std::chrono::hours(1);

// Returns `ms` rounded down, at most kDelayCap; zero unless `ms` is a positive number.
std::chrono::milliseconds capped_delay(double ms);

// Uniform in [0, 1).
using Random = std::function<double()>;

class ReconnectPolicy {
 public:
  // `random` is drawn once for each delay, nowhere else.
  explicit ReconnectPolicy(Random random) : random_(std::move(random)) {}
  virtual ~ReconnectPolicy() = default;

  const Random& random() const { return random_; }

  // Failures in a row.
  std::uint32_t failures() const { return failures_; }

  // Counts one more failure and returns the delay after it. `spread_ms` above 0: a stable
  // connection was lost, and its server wants the clients back over a window of that length.
  virtual std::chrono::milliseconds failed(GivenDelay given, double spread_ms);

  // Counts one more failure for which only the ticket was at fault. Returns true, the first time in
  // a row: then the next attempt needs no delay. Returns false, and counts nothing, later.
  virtual bool failed_free();

  // A connection was stable: the row of failures is over.
  virtual void stable();

  // The user has disconnected: delays begin anew. The attempt without a delay is not given back.
  virtual void restart() { failures_ = 0; }

 private:
  Random random_;
  std::uint32_t failures_ = 0;
  bool free_retry_used_ = false;
};

}  // namespace usher::client
