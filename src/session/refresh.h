// A new credential on a live connection, from its check to the answer.
//
// Threads: its session's. Borrows: nothing beyond a call.
// Limits: SessionOptions::store_timeout; one at a time for each connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "session/credential_check.h"
#include "session/dependencies.h"
#include "session/held_credential.h"
#include "wire/close_code.h"
#include "wire/protocol_error.h"

namespace usher::session {

class Refresh {
 public:
  struct Granted {
    ticket::Grant grant;
    std::optional<ticket::TicketHash> ticket;  // an SDK's, which it may show again
  };
  // The `refresh` command is answered with the new end, or with an error; or the connection closes.
  using Outcome = std::variant<Granted, wire::ProtocolError, wire::CloseReason>;

  Refresh(std::uint32_t command_id, TimePoint deadline)
      : deadline_(deadline), command_id_(command_id) {}

  // Calls `checked` once, perhaps before this returns; its argument is for judge(). The caller must
  // call start() only once.
  void start(SessionDependencies& dependencies, edge::Endpoint endpoint, const HeldCredential& held,
             std::string_view token, CredentialCheck::Done checked);

  // Judges the result of the check. `held` is the present credential.
  Outcome judge(Result<ticket::Grant, Refusal> checked, const HeldCredential& held) const;

  TimePoint deadline() const { return deadline_; }
  std::uint32_t command_id() const { return command_id_; }

 private:
  CredentialCheck check_;
  std::optional<ticket::TicketHash> shown_;  // the ticket that is being checked; SDKs only
  TimePoint deadline_;
  std::uint32_t command_id_;
};

}  // namespace usher::session
