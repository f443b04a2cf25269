#include "base/bytes.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/check.h"
#include "base/digest.h"

namespace usher {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

using Base64Values = std::array<std::int8_t, 256>;

// `last`: the characters for 62 and 63.
constexpr Base64Values make_base64_values(std::string_view last) {
  Base64Values values{};
  values.fill(-1);
  for (std::size_t i = 0; i < 64; ++i) {
    const char c = i < 62 ? kBase64Url[i] : last[i - 62];
    values[static_cast<unsigned char>(c)] = static_cast<std::int8_t>(i);
  }
  return values;
}

constexpr auto kBase64UrlValues = make_base64_values("-_");
constexpr auto kBase64Values = make_base64_values("+/");

// `text` has no padding. Bits that stand for no byte must be 0.
std::optional<std::string> from_unpadded(std::string_view text, const Base64Values& values) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes(text.size() * 3 / 4, '\0');
  char* to = bytes.data();
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      *to++ = static_cast<char>(bits >> count & 0xff);
    }
  }
  if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace

Sha256 sha256(std::string_view text) {
  Sha256 digest;
  thread_local Digest function("SHA256");
  function.compute(text, digest);
  return digest;
}

void write_hex(std::span<const std::byte> bytes, std::span<char> text) {
  USHER_CHECK(text.size() == bytes.size() * 2);
  char* to = text.data();
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    *to++ = kHexDigits[value >> 4];
    *to++ = kHexDigits[value & 15];
  }
}

std::string to_hex(std::span<const std::byte> bytes) {
  std::string text(bytes.size() * 2, '\0');
  write_hex(bytes, text);
  return text;
}

bool from_hex(std::string_view text, std::span<std::byte> out) {
  if (text.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::byte>(high << 4 | low);
  }
  return true;
}

std::string to_base64url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) text.push_back(kBase64Url[bits >> (count - 6) & 63]);
  }
  if (count > 0) text.push_back(kBase64Url[bits << (6 - count) & 63]);
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  return from_unpadded(text, kBase64UrlValues);
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return from_unpadded(text, kBase64Values);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace usher
