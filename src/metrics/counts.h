// The parts that metrics are made of: counters, gauges, and arrays of them.
//
// A counter is written by its shard alone and read by any thread, so counting costs a plain load
// and store.
//
// Threads: one writer, any reader.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace usher::metrics {

class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  // For a count that another object keeps.
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

class Gauge {
 public:
  void add(std::int64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

// One counter for each value of an enum that ends in `count_`.
template <class Enum, class Metric = Counter>
class PerEnum {
 public:
  static constexpr std::size_t kSize = static_cast<std::size_t>(Enum::count_);
  Metric& operator[](Enum e) { return metrics_[static_cast<std::size_t>(e)]; }
  const Metric& operator[](Enum e) const { return metrics_[static_cast<std::size_t>(e)]; }

 private:
  std::array<Metric, kSize> metrics_;
};

// Returns 0 for a value that is not in the array.
template <class Array, class Value>
constexpr std::size_t index_or_zero(const Array& array, Value value) {
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (array[i] == value) return i;
  }
  return 0;
}

// The statuses that usher sends; any other is counted at index 0.
inline constexpr std::array<int, 23> kStatuses = {0,   101, 200, 204, 304, 400, 401, 403,
                                                  404, 405, 408, 409, 413, 415, 416, 422,
                                                  426, 429, 431, 500, 501, 503, 505};
constexpr std::size_t status_index(int status) { return index_or_zero(kStatuses, status); }

// A status that has a counter of its own. One that is missing in kStatuses does not compile.
class CountedStatus {
 public:
  consteval CountedStatus(int status) : status_(status) {  // NOLINT(google-explicit-constructor)
    if (status_index(status) == 0) throw "add this status to kStatuses";
  }
  constexpr int value() const { return status_; }

 private:
  int status_;
};

// The answers of one route.
struct HttpCounts {
  std::array<Counter, kStatuses.size()> by_status;

  void count(int status) { by_status[status_index(status)].add(); }
  std::uint64_t value(int status) const { return by_status[status_index(status)].value(); }
};

}  // namespace usher::metrics
