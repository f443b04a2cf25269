// The counts of one shard, and how they enter the page of GET /metrics.
//
// Each shard owns one ShardMetrics; rooms above this one count in structs of their own
// (api/api_metrics.h, gateway/route_metrics.h). A new metric is a member of such a struct, a line
// in its add_to(), and a line in docs/operations.md.
//
// Threads: one writer, any reader.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "metrics/counts.h"

namespace usher::metrics {

class MetricsPage;

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
  guest_refused,      // 1008, an upstream with who = "users"
  too_many_requests,  // 1013, a JWT whose session has used up its tickets
  abandoned,          // the peer left, or said nothing in time, before it was decided; or the
                      // upstream of a tunnel has not accepted (usher_upstream_opened_total)
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

// What a message of an identity provider has come to. Each session or user that it names counts.
enum class LogoutOutcome : std::uint8_t {
  session,      // one of the provider's sessions was revoked
  user,         // all sessions of a user were revoked
  ignored,      // only events of unknown types, or a message that came again
  refused,      // 400
  unavailable,  // 503
  count_,
};
std::string_view to_string(LogoutOutcome outcome);

// The publisher of a publication.
enum class PublishedBy : std::uint8_t { backend, client, count_ };
std::string_view to_string(PublishedBy by);

// All of wire::CloseCode; any other code (an application's own) is counted at index 0. A CloseCode
// that is missing here does not compile (close_code_index).
inline constexpr std::array<std::uint16_t, 24> kCloseCodes = {
    0,    1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011,
    1013, 3005, 3008, 3012, 3100, 3500, 3501, 3503, 3504, 3520, 3521, 3522};
std::size_t close_code_index(std::uint16_t code);

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
  PerEnum<LogoutOutcome> logouts;
  Counter guests_created;
  Counter guests_renewed;
  PerEnum<PublishedBy> publications;               // accepted by the engine, from this shard
  Counter deliveries;                              // frames handed to subscribers
  Counter recovered;                               // subscriptions that got all they had missed
  Counter not_recovered;                           // and those that were told of a gap
  Counter messages_received;                       // text messages from clients
  Counter commands_refused;                        // replies with an `error`
  std::array<Counter, kCloseCodes.size()> closes;  // by the code that we sent, or 1005/1006
  Counter log_lines_suppressed;  // of RefusalLog; the node adds those of its RateLimitedLogs

  void count_close(std::uint16_t code) { closes[close_code_index(code)].add(); }
};

// Borrows the shards' counts, which must outlive the page.
void add_to(MetricsPage& page, const std::vector<const ShardMetrics*>& shards);

}  // namespace usher::metrics
