// Bytes as text and back: hex, base64url; SHA-256; and comparing secrets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace usher {

using Sha256 = std::array<std::byte, 32>;

Sha256 sha256(std::string_view text);

std::string to_hex(std::span<const std::byte> bytes);  // lowercase
// The same into `text`, which must have exactly `bytes.size() * 2` characters.
void write_hex(std::span<const std::byte> bytes, std::span<char> text);

// Exactly `out.size() * 2` lowercase hex digits, or false (then `out` is unspecified).
bool from_hex(std::string_view text, std::span<std::byte> out);

std::string to_base64url(std::string_view bytes);  // RFC 4648 section 5, no padding

// Nothing unless `text` is the one canonical encoding of some bytes: no padding, no white space,
// unused bits zero.
std::optional<std::string> from_base64url(std::string_view text);

// Takes the same time wherever the two differ. Unequal lengths are told at once.
bool equal_in_constant_time(std::string_view a, std::string_view b);

inline std::span<const std::byte> as_byte_span(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace usher
