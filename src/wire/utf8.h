// Strict UTF-8 (RFC 3629), checked while the bytes arrive.
//
// A byte that can't be part of valid UTF-8 is refused when it arrives, not when the text ends.
// Overlong forms, surrogates and characters above U+10FFFF show in the second byte of a sequence at
// the latest.
#pragma once

#include <cstdint>
#include <string_view>

namespace usher::wire {

class Utf8Validator {
 public:
  // Returns false as soon as the text fed so far can't be continued to valid UTF-8. After that the
  // caller must feed nothing more.
  bool feed(std::string_view text);

  // Returns true if the text may end here: no sequence waits for more bytes.
  bool complete() const { return missing_ == 0; }

 private:
  bool feed_byte(std::uint8_t byte);

  std::uint8_t missing_ = 0;      // bytes that the open sequence still needs
  std::uint8_t next_min_ = 0x80;  // the range of the next byte
  std::uint8_t next_max_ = 0xBF;
};

// Returns true if all of `text` is valid UTF-8.
bool is_valid_utf8(std::string_view text);

// Returns the longest prefix of the valid UTF-8 `text` that has at most `bytes_max` bytes and cuts
// no character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);

}  // namespace usher::wire
