// JSON out: the two pieces of text that need care.
//
// Threads: none. Plain functions.
#pragma once

#include <string>
#include <string_view>

namespace usher::wire {

// Valid JSON on one line: CR and LF, which can only stand between its tokens, become spaces.
// The first gives back `raw` itself if there is none, else `scratch`.
std::string_view single_line(std::string_view raw, std::string& scratch);
void append_single_line(std::string& out, std::string_view raw);

// `text`, which must be valid UTF-8, as a JSON string with its quotes. Escapes quotes, backslashes
// and controls.
void append_json_string(std::string& out, std::string_view text);

}  // namespace usher::wire
