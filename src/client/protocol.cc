#include "client/protocol.h"

namespace usher::client {

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::idle:
      return "idle";
    case Stage::waiting:
      return "waiting";
    case Stage::token:
      return "token";
    case Stage::ticket:
      return "ticket";
    case Stage::socket:
      return "socket";
    case Stage::connected:
      return "connected";
  }
  return "";
}

std::string_view to_string(Status status) {
  switch (status) {
    case Status::disconnected:
      return "disconnected";
    case Status::connecting:
      return "connecting";
    case Status::connected:
      return "connected";
    case Status::reconnecting:
      return "reconnecting";
  }
  return "";
}

bool is_of_protocol(const Input& input) {
  return std::holds_alternative<Frame>(input) || std::holds_alternative<Subscribe>(input) ||
         std::holds_alternative<Unsubscribe>(input) || std::holds_alternative<Publish>(input) ||
         std::holds_alternative<RefreshNow>(input);
}

}  // namespace usher::client
