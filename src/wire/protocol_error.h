// The error numbers of the client protocol: Centrifugo's, with its messages.
#pragma once

#include <cstdint>
#include <string_view>

namespace usher::wire {

enum class ProtocolError : std::uint16_t {
  internal = 100,
  unauthorized = 101,
  unknown_channel = 102,
  permission_denied = 103,
  method_not_found = 104,
  already_subscribed = 105,
  limit_exceeded = 106,
  bad_request = 107,
  not_available = 108,
  token_expired = 109,
  expired = 110,
  too_many_requests = 111,
  unrecoverable_position = 112,
};

constexpr std::uint16_t error_code(ProtocolError error) {
  return static_cast<std::uint16_t>(error);
}

constexpr std::string_view error_message(ProtocolError error) {
  switch (error) {
    case ProtocolError::internal:
      return "internal server error";
    case ProtocolError::unauthorized:
      return "unauthorized";
    case ProtocolError::unknown_channel:
      return "unknown channel";
    case ProtocolError::permission_denied:
      return "permission denied";
    case ProtocolError::method_not_found:
      return "method not found";
    case ProtocolError::already_subscribed:
      return "already subscribed";
    case ProtocolError::limit_exceeded:
      return "limit exceeded";
    case ProtocolError::bad_request:
      return "bad request";
    case ProtocolError::not_available:
      return "not available";
    case ProtocolError::token_expired:
      return "token expired";
    case ProtocolError::expired:
      return "expired";
    case ProtocolError::too_many_requests:
      return "too many requests";
    case ProtocolError::unrecoverable_position:
      return "unrecoverable position";
  }
  return "internal server error";
}

// Returns true if the same command may succeed later, so that SDKs try it again by themselves.
constexpr bool is_temporary(ProtocolError error) {
  return error == ProtocolError::internal || error == ProtocolError::too_many_requests;
}

}  // namespace usher::wire
