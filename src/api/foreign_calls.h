// What is told to a backend that makes a call which usher does not have.
//
// Threads: none. Plain functions.
#pragma once

#include <string_view>

#include "api/api_error.h"

namespace usher::api {

// Returns why Centrifugo's call of that name is not here, and what serves instead: one literal
// sentence. "" if Centrifugo has no such call.
std::string_view why_not_here(std::string_view name);

// The error of a command in a batch that names no call of usher.
ApiError unknown_call(std::string_view name);

}  // namespace usher::api
