#include "session/command_reading.h"

#include <cstddef>
#include <optional>
#include <variant>

#include "session/command_handlers.h"

namespace usher::session {
namespace {

constexpr wire::CloseReason kBadRequest{wire::CloseCode::bad_request, "BAD_REQUEST"};
constexpr wire::CloseReason kTooBig{wire::CloseCode::message_too_big, "MESSAGE_TOO_BIG"};

}  // namespace

void CommandReading::read(std::string_view frame) {
  const std::string_view rest = read_allowed(frame);
  if (rest.empty() || has_ended()) return;
  if (!session_.agenda().commands.add(rest, session_.dependencies().options.held_bytes_max)) {
    session_.end(kBadRequest);
  }
}

void CommandReading::go_on() {
  WaitingCommands& waiting = session_.agenda().commands;
  if (waiting.rest().empty()) return session_.drop_empty_agenda();
  const std::string_view rest = read_allowed(waiting.rest());
  if (has_ended()) return;
  waiting.keep(rest.size());
  if (!rest.empty()) return;
  waiting.drop_all();
  session_.drop_empty_agenda();
}

// Returns the commands that must wait.
std::string_view CommandReading::read_allowed(std::string_view commands) {
  const Replies::Frame frame(session_.replies());
  const std::string_view rest = read_some(commands);
  if (!has_ended()) session_.replies().flush();
  return rest;
}

std::string_view CommandReading::read_some(std::string_view commands) {
  wire::CommandReader& reader = session_.dependencies().commands;
  reader.start(commands);
  for (; !has_ended() && !session_.is_silent(); session_.allowance().use()) {
    if (must_hold()) {
      session_.outlet().pause();
      return reader.rest();
    }
    const bool is_used_up = session_.allowance().is_used_up();
    if (is_used_up && !reader.rest().empty()) session_.outlet().wake();
    if (is_used_up || !session_.outlet().has_room()) return reader.rest();
    const bool is_first = session_.state() == State::opening;
    const std::size_t before = reader.rest().size();
    const std::optional<wire::Command> command = reader.next();
    if (!command) break;
    const std::size_t size = before - reader.rest().size();
    if (is_first && size > session_.dependencies().options.connect_bytes_max) {
      session_.end(kTooBig);
      break;
    }
    take(*command);
    // `connect` was refused with an error: commands behind it wait for the next one.
    if (is_first && session_.state() == State::opening && !must_hold()) return reader.rest();
  }
  return {};
}

void CommandReading::take(const wire::Command& command) {
  if (!session_.pay(price_of(command))) {
    if (command.id != 0) session_.reply_error(command.id, wire::ProtocolError::too_many_requests);
    return;
  }
  if (session_.state() == State::opening) return take_first(command);
  carry_out(session_, command);
}

// /connection/websocket: `connect` comes first, alone until it is answered. On /ws no command may
// come before the connect push.
void CommandReading::take_first(const wire::Command& command) {
  const auto* connect = std::get_if<wire::ConnectCommand>(&command.request);
  if (connect == nullptr) return session_.end(kBadRequest);
  session_.connect(command.id, *connect);
}

}  // namespace usher::session
