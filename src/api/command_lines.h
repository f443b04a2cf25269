// The older form of the server API: POST /api with one JSON object for each command, usually one a
// line, `{"method":"publish","params":{…}}`; and one reply a line, `{"result":{…}}` or
// `{"error":{…}}`. Centrifugo still takes it, and server libraries use it: gocent 3, pycent 4,
// phpcent 5, rubycent 2, and the pipeline of cent.js.
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/api_request.h"
#include "api/api_result.h"
#include "base/result.h"
#include "wire/json.h"

namespace usher::api {

// Splits `body` into its JSON texts, at most `count_max` + 1 of them. Only brackets and strings are
// looked at: whether a text is valid is found out when it is parsed. Views into `body`.
std::vector<std::string_view> split_commands(std::string_view body, std::size_t count_max);

struct LineCommand {
  std::uint64_t id = 0;                 // in the reply again, unless it is 0
  ApiMethod method = ApiMethod::batch;  // `batch`: none that can be carried out
  Result<ApiCall, ApiError> call = ApiError{};
};

// Returns `nullopt` if `text` is not valid JSON.
std::optional<LineCommand> read_line_command(std::string_view text, const ApiLimits& limits,
                                             wire::JsonReader& json);

std::string line_reply(std::uint64_t id, const ApiOutcome& outcome);

}  // namespace usher::api
