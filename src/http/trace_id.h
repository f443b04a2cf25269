// The id by which a caller and an operator talk about the same request.
//
// The caller's own, where a valid `traceparent` (W3C Trace Context) or `X-Request-ID` came; else 32
// random hex digits. Every response carries it: as `X-Request-ID`, and as `trace_id` in problem
// bodies.
#pragma once

#include <string>

#include "base/entropy.h"
#include "wire/http_message.h"

namespace usher::http {

inline constexpr std::size_t kTraceIdBytesMax = 64;

// At most kTraceIdBytesMax characters out of [A-Za-z0-9._-]: safe in a header, in JSON and in a
// log.
std::string trace_id_of(const wire::HttpRequest& request, Entropy& entropy);

// The caller's `traceparent` if it is valid; else a new one, which asks nobody to keep the trace.
std::string traceparent_of(const wire::HttpRequest& request, Entropy& entropy);

// For refusals of bytes that could not be read as a request.
std::string random_trace_id(Entropy& entropy);

}  // namespace usher::http
