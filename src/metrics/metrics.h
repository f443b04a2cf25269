// What usher counts. Each shard owns one ShardMetrics; metrics_page.h sums them when somebody
// scrapes.
//
// A counter is written by its shard alone and read by any, so counting costs a plain load and
// store. A new metric is a member here, a line in metrics_page.cc, and a line in
// docs/operations.md.
//
// Threads: one writer, any reader.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace usher::metrics {

class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  // For a count that somebody else keeps.
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

// How an attempt to open a WebSocket ended. Every attempt is counted once.
enum class UpgradeResult : std::uint8_t {
  connected,
  bad_request,        // 400, 426
  rate_limited,       // 503, address bucket
  overloaded,         // 503, at a limit of the node
  draining,           // 503
  origin_blocked,     // 1008, 3521
  no_ticket,          // 1008
  store_unavailable,  // 1013
  ticket_invalid,     // 1008
  ticket_replayed,    // 1008
  ticket_expired,     // 3100
  session_revoked,    // 3520
  nothing_usable,     // 3500, on /connection/websocket
  too_many_requests,  // 1013, a JWT whose session has used up its tickets
  abandoned,          // the peer left, or said nothing in time, before it was decided
  count_,
};
std::string_view to_string(UpgradeResult result);

// `reused`: spent, and the connection that it opened has ended: an SDK that comes back.
enum class RedeemResult : std::uint8_t {
  ok,
  expired,
  consumed,
  reused,
  unknown,
  unavailable,
  count_
};
std::string_view to_string(RedeemResult result);

// The routes, for usher_http_requests_total. Unknown paths count as `other`, so that a scanner
// makes no series.
enum class Route : std::uint8_t {
  token,
  ticket,
  websocket,
  api,
  health,
  ready,
  metrics,
  dev,
  other,
  count_
};
std::string_view to_string(Route route);

// The calls of the server API.
enum class ApiMethod : std::uint8_t {
  publish,
  broadcast,
  subscribe,
  unsubscribe,
  disconnect,
  refresh,
  presence,
  presence_stats,
  history,
  history_remove,
  channels,
  info,
  batch,
  bind,
  revoke,
  ticket,
  count_,
};
std::string_view to_string(ApiMethod method);

// Who has published.
enum class PublishedBy : std::uint8_t { backend, client, count_ };
std::string_view to_string(PublishedBy by);

namespace detail {

template <class Array, class Value>
constexpr std::size_t index_or_zero(const Array& array, Value value) {
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (array[i] == value) return i;
  }
  return 0;
}

}  // namespace detail

// The statuses that usher sends; any other is counted at index 0.
inline constexpr std::array<int, 22> kStatuses = {0,   101, 200, 204, 304, 400, 401, 403,
                                                  404, 405, 408, 409, 413, 415, 416, 426,
                                                  429, 431, 500, 501, 503, 505};
constexpr std::size_t status_index(int status) { return detail::index_or_zero(kStatuses, status); }

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

// All of wire::CloseCode; any other code (an application's own) is counted at index 0. A CloseCode
// that is missing here does not compile (close_code_index).
inline constexpr std::array<std::uint16_t, 23> kCloseCodes = {
    0,    1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011,
    1013, 3005, 3008, 3012, 3100, 3500, 3501, 3503, 3504, 3520, 3521};
std::size_t close_code_index(std::uint16_t code);

struct HttpCounts {
  std::array<Counter, kStatuses.size()> by_status;
};

struct ShardMetrics {
  Gauge connections;        // open WebSockets that have their connect push
  Gauge sockets;            // accepted sockets in any state
  Counter internal_errors;  // each has cost one connection or one task (base/check.h)
  Gauge subscriptions;      // personal channels not counted
  Gauge channels;           // with subscribers on this shard
  PerEnum<UpgradeResult> upgrades;
  PerEnum<RedeemResult> ticket_redeems;
  Counter ticket_replays;  // a spent ticket shown again: a security event
  Counter tickets_issued;
  Counter guests_created;
  Counter guests_renewed;
  PerEnum<Route, HttpCounts> http_requests;
  PerEnum<ApiMethod> api_calls;   // those in a batch, too
  PerEnum<ApiMethod> api_errors;  // answered with an `error`
  Counter api_keys_refused;
  PerEnum<PublishedBy> publications;               // accepted by the engine, from this shard
  Counter deliveries;                              // frames handed to subscribers
  Counter recovered;                               // subscriptions that got all they had missed
  Counter not_recovered;                           // and those that were told of a gap
  Counter messages_received;                       // text messages from clients
  Counter commands_refused;                        // replies with an `error`
  std::array<Counter, kCloseCodes.size()> closes;  // by the code that we sent, or 1005/1006
  Counter log_lines_suppressed;  // of RefusalLog; the node adds those of its RateLimitedLogs

  void count_http(Route route, int status) {
    http_requests[route].by_status[status_index(status)].add();
  }
  void count_close(std::uint16_t code) { closes[close_code_index(code)].add(); }
};

}  // namespace usher::metrics
