// The messages of a fan-out: each holds its number, so that a subscriber knows which one has arrived.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace usher::bench {

inline constexpr std::size_t kMessageBytesMin = 12;  // a number in it tells which it is

// The `number`th message: `"#00000042xxx…"`.
std::string make_message(std::size_t number, std::size_t bytes);

// The number of the message that stands in `payload`; nothing if there is none.
std::optional<std::size_t> read_message_number(std::string_view payload);

}  // namespace usher::bench
