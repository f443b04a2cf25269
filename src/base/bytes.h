// Encoding of bytes as hex and base64url, SHA-256, and comparison of secrets.
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
// Writes the same digits into `text`. Requires: `text` has exactly `bytes.size() * 2` characters.
void write_hex(std::span<const std::byte> bytes, std::span<char> text);

// Decodes exactly `out.size() * 2` lowercase hex digits. Returns false for any other text; `out` is
// then unspecified.
bool from_hex(std::string_view text, std::span<std::byte> out);

std::string to_base64url(std::string_view bytes);  // RFC 4648 section 5, no padding

// Returns `nullopt` unless `text` is the canonical encoding of some bytes: no padding, no white
// space, unused bits zero.
std::optional<std::string> from_base64url(std::string_view text);

// Returns the bytes of RFC 4648 section 4: padded, no white space, unused bits 0.
std::optional<std::string> from_base64(std::string_view text);

// Takes the same time wherever the two texts differ. Returns false at once if their lengths differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

inline std::span<const std::byte> as_byte_span(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace usher
