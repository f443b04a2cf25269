// The messages of a fan-out. Each contains its number, so that a subscriber can tell which message
// has arrived.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace usher::bench {

inline constexpr std::size_t kMessageBytesMin = 12;  // room for the number

// Returns the `number`th message: `"#00000042xxx…"`.
std::string make_message(std::size_t number, std::size_t bytes);

// Returns the number of the message in `payload`, or `nullopt` if there is none.
std::optional<std::size_t> read_message_number(std::string_view payload);

}  // namespace usher::bench
