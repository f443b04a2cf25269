// Reads the commands of a client's frames, and has them carried out in their order.
//
// A session carries out a limited number of commands in a turn (docs/adr/0001-turns.md). The others
// wait on its agenda: until `connect` is answered, for the next turn, or until the peer reads.
//
// Threads: its session's. Borrows: the session, during a call of these functions.
// Limits: CommandAllowance::kPerTurn; SessionOptions::held_bytes_max, connect_bytes_max and
// commands.
#pragma once

#include <string_view>

#include "session/session_view.h"
#include "wire/protocol_command.h"

namespace usher::session {

class CommandReading {
 public:
  explicit CommandReading(SessionView& session) : session_(session) {}

  // Reads a frame, behind which wire::kSpareBytes are readable. Commands that wait already are left
  // for go_on().
  void read(std::string_view frame);

  // Continues with the commands that wait. Requires a live session with an agenda.
  void go_on();

 private:
  std::string_view read_allowed(std::string_view commands);
  std::string_view read_some(std::string_view commands);
  void take(const wire::Command& command);
  void take_first(const wire::Command& command);
  bool must_hold() const { return session_.state() != State::live && session_.must_hold(); }
  bool has_ended() const { return session_.state() == State::ended; }

  SessionView& session_;
};

}  // namespace usher::session
