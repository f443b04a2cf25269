// A session as its parts see it: its commands, its calls to hooks, the reading of frames.
//
// Functions that every command needs are not virtual. Those that change the session's life are, so
// that its parts can be tested without a ServerSession.
//
// Threads: its shard's. Borrows: outlet, dependencies.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "edge/session.h"
#include "hub/subscriber.h"
#include "limits/token_bucket.h"
#include "session/agenda.h"
#include "session/command_allowance.h"
#include "session/dependencies.h"
#include "session/heartbeat.h"
#include "session/replies.h"
#include "session/session_log.h"
#include "session/session_state.h"
#include "wire/close_code.h"
#include "wire/protocol_command.h"
#include "wire/protocol_error.h"

namespace usher::session {

class SessionView : public hub::Subscriber {
 public:
  SessionDependencies& dependencies() const { return dependencies_; }
  hub::Hub& hub() const { return dependencies_.hub; }
  State state() const { return life_.state(); }

  // --- for commands (command_handlers.h, hook_calls.h) ---

  // Does nothing once the hub has ordered the session to close.
  void reply(std::string_view text) {
    if (!is_silent_) replies_.add(text);
  }
  // Counts the refusal.
  void reply_error(std::uint32_t id, wire::ProtocolError error);
  // Valid until the identity changes.
  SessionLog log() const;

  // Calls to the backend's hooks that are under way. begin_hook_call() returns false if they are as
  // many as one connection may have.
  bool begin_hook_call();
  void end_hook_call() { --hook_calls_; }

  // Do nothing once the hub has ordered the session to close.
  void deliver(const wire::SharedFrame& frame) override {
    if (!is_silent_) replies_.deliver(frame);
  }
  void gather(const wire::SharedFrame& frame, const wire::Gathering& how) override {
    if (!is_silent_) replies_.gather(frame, how);
  }

  bool ask(hub::SubscribeQuestion question) final;  // goes on the agenda
  // The decision that the hub has asked for. It is told to the hub in the next turn.
  void take_decision(hub::SubscribeQuestion question, hub::SubscribeDecision decision);

  // The address that pays for forged tokens.
  virtual std::string_view address_key() const = 0;
  // Ends the connection at once; commands behind the present one are not read.
  virtual void end(const wire::CloseReason& reason) = 0;
  // The client has answered a ping of the protocol's own.
  virtual void on_protocol_pong() = 0;
  // Checks a new credential, and answers the command `id` when the result is known.
  virtual void start_refresh(std::uint32_t id, std::string_view token) = 0;

  // --- for the reading of frames (command_reading.h) ---

  edge::Outlet& outlet() const { return replies_.outlet(); }
  Replies& replies() { return replies_; }
  CommandAllowance& allowance() { return allowance_; }
  // The hub has ordered to close: nothing more is read or sent.
  bool is_silent() const { return is_silent_; }
  // Returns whether the rate of commands allows one more.
  bool pay(Price price);

  // Never null; a new one is empty. drop_empty_agenda() frees it if it is empty.
  Agenda& agenda();
  void drop_empty_agenda();

  // Before the session is live: commands behind `connect` wait until it is answered.
  virtual bool must_hold() const = 0;
  // The first command on /connection/websocket.
  virtual void connect(std::uint32_t id, const wire::ConnectCommand& command) = 0;

 protected:
  enum class Pings : std::uint8_t { protocol, web_socket };

  SessionView(edge::Outlet& outlet, SessionDependencies& dependencies)
      : dependencies_(dependencies), replies_(outlet) {}

  // Small members come first, where they fill the bytes that the base leaves: an idle connection's
  // memory is counted (docs/performance.md).
  Life life_;
  std::uint8_t hook_calls_ = 0;  // under way
  edge::Endpoint endpoint_ : 2 = edge::Endpoint::ws;
  Pings pings_ : 1 = Pings::protocol;
  bool is_silent_ : 1 = false;
  CommandAllowance allowance_;
  SessionDependencies& dependencies_;
  Replies replies_;
  std::unique_ptr<Agenda> agenda_;  // null: nothing is on it
  limits::TokenBucket commands_;
  Heartbeat heartbeat_{TimePoint()};
  TimePoint now_;
};

}  // namespace usher::session
