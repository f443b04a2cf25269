// Writes the two kinds of JSON text that need care: raw values on one line, and strings.
//
// Threads: none. Plain functions.
#pragma once

#include <string>
#include <string_view>

namespace usher::wire {

// Put valid JSON on one line: CR and LF, which can only stand between its tokens, become spaces.
// single_line() returns `raw` itself if it has neither, else a view of `scratch`.
std::string_view single_line(std::string_view raw, std::string& scratch);
void append_single_line(std::string& out, std::string_view raw);

// Appends `text` as a JSON string with its quotes. Escapes quotes, backslashes and controls.
// Requires: `text` is valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

}  // namespace usher::wire
