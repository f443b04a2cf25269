// Why something was not done, as clients and backends are told.
#pragma once

#include "base/result.h"
#include "base/unique_function.h"
#include "wire/protocol_error.h"

namespace usher::hub {

// From a broker:
//   internal                the engine could not be asked, or did not answer in time
//   unknown_channel         no such channel (malformed, or a namespace that is not configured)
//   not_available           the channel's namespace does not keep this
//   limit_exceeded          a `_max` is reached
//   bad_request             the arguments make no sense
using Error = wire::ProtocolError;

template <class T>
using Handler = UniqueFunction<void(Result<T, Error>)>;

}  // namespace usher::hub
