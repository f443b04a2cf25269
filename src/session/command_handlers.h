// The commands of clients (contract section 3), one function each.
//
// To add a command, write its function in command_handlers.cc and one line in the table there. A
// command of wire/protocol_command.h without a line does not compile.
//
// Threads: its session's.
#pragma once

#include "session/command_allowance.h"
#include "session/session_view.h"
#include "wire/protocol_command.h"

namespace usher::session {

// Requires: a live session. The views in `command` need to live during the call only. Answers
// errors; a command that no correct client sends ends the connection.
void carry_out(SessionView& session, const wire::Command& command);

// Returns the limit that a command counts against.
Price price_of(const wire::Command& command);

}  // namespace usher::session
