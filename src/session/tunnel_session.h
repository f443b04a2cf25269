// One tunnel's decisions, from the upgrade to its end: the ticket, the upstream's answer, and who
// ends it when (docs/doors.md). The sockets are its outlet's (net/tunnel.h).
//
// For the hub it is a connection like any other: it counts against the limits of its session and
// user, and the backend finds it to end it. It has no subscriptions, and nothing is delivered to it.
//
// The hub calls it in the middle of an operation. It then only notes what it is told; on_turn() does
// the rest (docs/adr/0001-turns.md).
//
// Threads: belongs to its shard. Owned by: the tunnel, whose outlet it borrows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "doors/upstream_request.h"
#include "doors/upstream_table.h"
#include "doors/upstream_verdict.h"
#include "edge/tunnel.h"
#include "hub/subscriber.h"
#include "session/admission.h"
#include "session/dependencies.h"
#include "session/held_credential.h"
#include "session/session_log.h"
#include "session/tunnel_state.h"

namespace usher::session {

// Counts what happens to tunnels. Implemented in gateway/.
class TunnelObserver {
 public:
  virtual ~TunnelObserver() = default;
  // The upstream has answered, or cannot be reached; `took` since the order to dial.
  virtual void on_answer(std::size_t upstream, doors::UpstreamResult result, Duration took) = 0;
  virtual void on_closed(std::size_t upstream) = 0;  // one that was open
  virtual void on_passed(std::size_t upstream, edge::Direction direction, std::size_t bytes) = 0;
};

struct TunnelDependencies {
  SessionDependencies& sessions;
  const doors::UpstreamTable& upstreams;
  TunnelObserver& observer;
};

class TunnelSession final : public edge::TunnelSession, private hub::Subscriber {
 public:
  // Borrows both. The caller must call begin() next.
  TunnelSession(edge::TunnelOutlet& outlet, TunnelDependencies& dependencies, std::size_t upstream);
  ~TunnelSession() override;

  // Judges the upgrade. `path`: of the request, without http.prefix. `traceparent`: for the upstream.
  void begin(const edge::TunnelOpening& opening, std::string_view path,
             std::string_view traceparent, TimePoint now);

  void on_answer(const wire::HttpAnswer& answer, TimePoint now) override;
  void on_unreachable(const edge::Unreachable& reason, TimePoint now) override;
  void on_passed(edge::Direction direction, std::size_t bytes) override;
  void on_idle(TimePoint now) override;
  void on_deadline(TimePoint now) override;
  void on_turn(TimePoint now) override;
  void on_shutdown(Duration retry_after) override;
  void on_closed(const edge::Ending& ending) override;

 private:
  // What is needed until the tunnel is open.
  struct Handshake {
    doors::Offer offer;
    std::string request;  // for the upstream, without the identity
    std::string claims;   // of the ticket
    TimePoint dialled_at;
  };

  // --- hub::Subscriber ---
  hub::Identity identity() const override;
  std::optional<hub::ConnectionFacts> facts() const override;
  bool takes_messages() const override { return false; }
  void deliver(const wire::SharedFrame&) override {}
  std::size_t room_bytes() const override;
  void close(const wire::CloseReason& reason) override;
  void refresh(bool expired, std::optional<std::int64_t> expire_at) override;

  void begin_turn(TimePoint now);
  void settle(Admission::Outcome outcome);
  void join(Admission::Admitted admitted);
  void on_joined(const hub::Joined& joined);
  void dial();
  void note_open(const doors::UpstreamVerdict& verdict);
  void refuse_for_upstream(doors::UpstreamResult result, std::string_view what,
                           std::optional<std::chrono::milliseconds> retry_after, int status);
  void reject(const wire::CloseReason& reason);
  void end(const wire::CloseReason& reason);
  void finish(std::uint16_t code, std::string_view reason);
  bool take(TunnelEvent event);
  void arm_deadline();

  hub::Hub& hub() const { return dependencies_.sessions.hub; }
  const doors::Upstream& upstream() const { return dependencies_.upstreams[upstream_]; }
  LogIdentity who() const;
  SessionLog log() const;

  edge::TunnelOutlet& outlet_;
  TunnelDependencies& dependencies_;
  std::unique_ptr<Admission> admission_;  // until the ticket is good
  std::unique_ptr<Handshake> handshake_;  // until the tunnel is open
  std::unique_ptr<std::pair<std::uint16_t, std::string>> ordered_close_;  // by the hub
  std::unique_ptr<std::optional<std::int64_t>> new_end_;                  // likewise: a refresh()
  HeldCredential held_;
  TimePoint now_;
  WallTime connected_at_;  // for the log, and the list of sessions
  std::uint32_t upstream_;
  TunnelState state_ = TunnelState::opening;
  bool engine_away_ = false;  // the hub could not join the connection
};

}  // namespace usher::session
