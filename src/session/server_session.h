// One connection's state machine, from the upgrade to its end.
//
//     opening ──credential good──▶ joining ──hub answers──▶ live ──▶ ended
//
// It keeps the state (session_state.h), the one timer, and the end. Admission decides whether the
// connection is let in, CommandReading reads commands, command_handlers.h carries them out,
// HookCalls asks the backend, Replies sends the text. All text before `live` leaves in one write
// with the 101.
//
// The hub calls a session (answers, deliveries, an order to close) in the middle of an operation.
// The session then only sends text, or writes on its Agenda. on_turn() does the rest when the hub's
// operation is over (docs/adr/0001-turns.md).
//
// Threads: belongs to its shard. Owned by: the connection, whose Outlet it borrows; the hub knows
// it as a Subscriber from join() to leave(). Limits: SessionOptions.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "edge/session.h"
#include "hub/subscriber.h"
#include "session/admission.h"
#include "session/agenda.h"
#include "session/dependencies.h"
#include "session/held_credential.h"
#include "session/session_view.h"

namespace usher::session {

class ServerSession final : public edge::Session, private SessionView {
 public:
  // Borrows both. The caller must call begin() next.
  ServerSession(edge::Outlet& outlet, SessionDependencies& dependencies);
  ~ServerSession() override;

  // Judges the upgrade. May send and close at once.
  void begin(const edge::Opening& opening, TimePoint now);

  void on_text(std::string_view message, TimePoint now) override;
  void on_binary(std::string_view message, TimePoint now) override;
  void on_pong(TimePoint now) override;
  void on_deadline(TimePoint now) override;
  void on_turn(TimePoint now) override;
  void on_shutdown(Duration retry_after) override;
  void on_closed(const edge::Ending& ending) override;

 private:
  // Every call of the shell begins with it.
  void begin_turn(TimePoint now);

  // --- hub::Subscriber ---
  hub::Identity identity() const override { return held_.identity(); }
  std::optional<hub::ConnectionFacts> facts() const override {
    if (admission_ != nullptr) return std::nullopt;
    return hub::ConnectionFacts{connected_at_, "websocket", held_.address_key()};
  }
  std::size_t room_bytes() const override { return replies_.room_bytes(); }
  void close(const wire::CloseReason& reason) override;
  void refresh(bool expired, std::optional<std::int64_t> expire_at) override;

  // --- SessionView ---
  std::string_view address_key() const override { return held_.address_key(); }
  void end(const wire::CloseReason& reason) override;
  void on_protocol_pong() override;
  void start_refresh(std::uint32_t id, std::string_view token) override;
  bool must_hold() const override;
  void connect(std::uint32_t id, const wire::ConnectCommand& command) override;

  // --- until it is live ---
  CredentialCheck::Done on_checked();
  void settle(Admission::Outcome outcome);
  void join(Admission::Admitted admitted);
  void on_joined(const hub::Joined& joined);
  void note_connected(const hub::Joined& joined);
  void answer_refused(wire::ProtocolError error);
  void reject(const wire::CloseReason& reason);

  // --- the credential ---
  void take_credential(ticket::Grant grant, const std::optional<ticket::TicketHash>& ticket);
  void on_refreshed(Result<ticket::Grant, Refusal> checked);
  void apply_refresh(std::uint32_t id, Refresh::Granted granted);
  void tell_new_end(const Agenda::NewEnd& news);

  // --- the one timer ---
  void arm_deadline();
  TimePoint live_deadline() const;
  void send_heartbeat();
  HeartbeatTimes heartbeat_times() const;

  // --- the end ---
  void tell_ticket_ended();
  void finish(std::uint16_t code, std::string_view reason);

  std::unique_ptr<Admission> admission_;  // null once it is live
  WallTime connected_at_;                 // for the log, and the list of sessions
  HeldCredential held_;
};

}  // namespace usher::session
