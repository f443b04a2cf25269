// The way of a connection from the upgrade to a good credential, or to a rejection.
//
// On /ws the ticket came with the upgrade, and its check starts at once. On /connection/websocket
// the credential comes in a `connect` command; a ticket that cannot be redeemed is answered with an
// error there, and the client may show another.
//
// An Admission decides and counts; its session sends the answer, closes, and joins the hub. It
// lives until the connection is live.
//
// Threads: its session's. Borrows: dependencies, and members of its session.
// Limits: kRefusedCredentialsMax; SessionOptions::connect_timeout and store_timeout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "edge/session.h"
#include "hub/hub.h"
#include "session/credential_check.h"
#include "session/dependencies.h"
#include "session/held_credential.h"
#include "wire/protocol_command.h"
#include "wire/protocol_error.h"

namespace usher::session {

class Admission {
 public:
  // A client is rejected when this many of its credentials have been refused.
  static constexpr int kRefusedCredentialsMax = 8;

  struct Admitted {
    ticket::Grant grant;
    std::optional<ticket::TicketHash> ticket;  // an SDK's, which it may show again
    std::vector<hub::SubscribeWish> wishes;
  };
  // Answers the `connect` command with an error; the client may send another.
  struct Refused {
    wire::ProtocolError error;
  };
  using Outcome = std::variant<Admitted, Refused, wire::CloseReason>;

  Admission(SessionDependencies& dependencies, edge::Endpoint endpoint, const HeldCredential& held)
      : dependencies_(dependencies), endpoint_(endpoint), held_(held) {}

  // Judges the upgrade. Returns a reason to close, or nullopt. After nullopt, /connection/websocket
  // waits for a `connect` command; on /ws `checked` is called once, perhaps before this returns,
  // and its argument is for judge().
  std::optional<wire::CloseReason> begin(const edge::Opening& opening, TimePoint now,
                                         CredentialCheck::Done checked);

  // Does the same for a `connect` command, with `checked` as on /ws. Requires: no check is under
  // way.
  std::optional<wire::CloseReason> connect(std::uint32_t id, const wire::ConnectCommand& command,
                                           TimePoint now, CredentialCheck::Done checked);

  Outcome judge(Result<ticket::Grant, Refusal> checked, TimePoint now);

  // The deadline has passed.
  wire::CloseReason on_deadline();

  // The engine cannot give the connection all its channels. A new attempt soon is better than a
  // connection that misses the messages of a channel.
  wire::CloseReason on_engine_away();

  // The ticket is good, and its bearer is a guest where guests may not pass.
  wire::CloseReason refuse_guest(const ticket::Grant& grant);

  // Commands behind `connect` must wait.
  bool is_checking() const { return check_.under_way(); }
  TimePoint deadline() const { return deadline_; }
  std::uint32_t command_id() const { return command_id_; }  // of the last `connect`

 private:
  void check(std::string_view credential, TimePoint now, CredentialCheck::Done checked);
  void add_wishes(const std::vector<wire::WishedSubscription>& wishes);
  wire::CloseReason reject(const Refusal& refusal);
  wire::CloseReason close_reason(Rejection why) const;
  std::optional<wire::ProtocolError> error_of(Rejection why) const;
  void log(const Refusal& refusal) const;

  SessionDependencies& dependencies_;
  const edge::Endpoint endpoint_;
  const HeldCredential& held_;
  std::string peer_address_;
  CredentialCheck check_;
  std::optional<ticket::TicketHash> shown_;  // the ticket that is being checked; SDKs only
  std::vector<hub::SubscribeWish> wishes_;
  TimePoint connect_by_;  // /connection/websocket: no later than this, however often refused
  TimePoint deadline_;
  std::uint32_t command_id_ = 0;
  std::uint8_t refused_ = 0;  // `connect` commands
};

}  // namespace usher::session
