// The texts of the log lines that have parts, above all those with text that a peer has sent.
//
// A peer's text is escaped, so that it can't forge a line. The caller must have masked tokens and
// tickets in it (secrets.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace usher::client {

// One `?` for each code point that is a quote, a backslash or not printable ASCII.
std::string escaped(std::string_view text);

// Which of the two calls failed.
enum class Call { token, ticket };

// In all of these an empty `code` is left out, together with its brackets and commas.
std::string refresh_text(std::string_view code);
// `what`: it may have text of a peer.
std::string refresh_failed_text(std::string_view what, std::string_view then);
std::string failed_to_connect_text(int status, std::string_view code);
std::string hard_http_text(int status, std::string_view code);
std::string stopping_text(Call call, int status);
std::string soft_http_text(int status);

// `failures`: in a row, the present one included.
std::string reconnecting_text(std::chrono::milliseconds delay, std::uint32_t failures);

// `{ code: 1008, reason: 'ORIGIN_BLOCKED', wasClean: true }`
std::string close_text(std::uint16_t code, std::string_view reason, bool clean);

}  // namespace usher::client
