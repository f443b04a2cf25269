#include "client/protocol.h"

namespace usher::client {

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

}  // namespace usher::client
