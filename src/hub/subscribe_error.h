// Why a client is not subscribed: an error of ours, or the one that the backend's hook has given.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "hub/error.h"

namespace usher::hub {

// An error with a number and a message of the backend's own.
struct GivenError {
  std::uint32_t code = 0;
  std::string message;
  bool temporary = false;
  friend bool operator==(const GivenError&, const GivenError&) = default;
};

// Converts from and to Error: most callers know no other.
class SubscribeError {
 public:
  SubscribeError(Error error = Error::internal) : error_(error) {}  // NOLINT: see above
  // The backend has decided, or could not: to us both are a denial.
  explicit SubscribeError(GivenError given)
      : error_(Error::permission_denied),
        given_(std::make_shared<const GivenError>(std::move(given))) {}

  operator Error() const { return error_; }  // NOLINT: see above

  // Returns the client's error: the one that was given, or else the protocol's.
  GivenError for_client() const {
    if (given_ != nullptr) return *given_;
    const wire::ProtocolError error = protocol_error(error_);
    return {wire::error_code(error), std::string(wire::error_message(error)),
            wire::is_temporary(error)};
  }

 private:
  Error error_;
  std::shared_ptr<const GivenError> given_;
};

}  // namespace usher::hub
