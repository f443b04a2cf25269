// How a call of the server API fails: an error of the protocol, and words for people.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "hub/error.h"
#include "wire/protocol_error.h"

namespace usher::api {

struct ApiError {
  ApiError() = default;  // for Result
  // NOLINTBEGIN(google-explicit-constructor): an error of the hub or the protocol is one of the API
  ApiError(wire::ProtocolError the_code, std::string the_detail = {})
      : code(the_code), detail(std::move(the_detail)) {}
  ApiError(hub::Error error, std::string the_detail = {})
      : ApiError(hub::protocol_error(error), std::move(the_detail)) {}
  // NOLINTEND(google-explicit-constructor)

  wire::ProtocolError code = wire::ProtocolError::internal;
  std::string detail;       // our own words
  std::string_view reason;  // a literal, for the caller's code to act upon; empty: none
};

}  // namespace usher::api
