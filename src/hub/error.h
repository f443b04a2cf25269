// The errors of the hub and the broker.
//
// A small enum of our own. protocol_error() is the only place that turns it into the number that
// clients, backends and other nodes get.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/unique_function.h"
#include "wire/protocol_error.h"

namespace usher::hub {

enum class Error : std::uint8_t {
  internal,           // the engine could not be asked, or did not answer in time
  unknown_channel,    // no such channel (malformed, or a namespace that is not configured)
  not_available,      // the channel's namespace does not keep this
  limit_exceeded,     // a `_max` is reached
  bad_request,        // the arguments make no sense
  permission_denied,  // the client lacks the right; never from a broker, like those below
  already_subscribed,
  too_many_requests,
  unrecoverable_position,  // it belongs to another epoch
  expired,                 // the end of what was granted is reached
};
// The last enumerator must stand here.
inline constexpr auto kErrors = static_cast<std::uint8_t>(Error::expired) + 1;

constexpr wire::ProtocolError protocol_error(Error error) {
  switch (error) {
    case Error::internal:
      return wire::ProtocolError::internal;
    case Error::unknown_channel:
      return wire::ProtocolError::unknown_channel;
    case Error::not_available:
      return wire::ProtocolError::not_available;
    case Error::limit_exceeded:
      return wire::ProtocolError::limit_exceeded;
    case Error::bad_request:
      return wire::ProtocolError::bad_request;
    case Error::permission_denied:
      return wire::ProtocolError::permission_denied;
    case Error::already_subscribed:
      return wire::ProtocolError::already_subscribed;
    case Error::too_many_requests:
      return wire::ProtocolError::too_many_requests;
    case Error::unrecoverable_position:
      return wire::ProtocolError::unrecoverable_position;
    case Error::expired:
      return wire::ProtocolError::expired;
  }
  return wire::ProtocolError::internal;
}

// Returns the error with this number, received from another node, or nothing.
constexpr std::optional<Error> error_with_code(std::uint64_t code) {
  for (std::uint8_t i = 0; i < kErrors; ++i) {
    const auto error = static_cast<Error>(i);
    if (wire::error_code(protocol_error(error)) == code) return error;
  }
  return std::nullopt;
}

template <class T>
using Handler = UniqueFunction<void(Result<T, Error>)>;

}  // namespace usher::hub
