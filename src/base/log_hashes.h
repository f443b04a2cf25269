// A cache of the hashes of names that were recently written into log lines.
//
// The lines of a connection follow each other closely (its ticket, its upgrade), each with the same
// session and user. A lookup costs a tenth of another SHA-256. Each name has one place; the next
// name with the same place replaces it. A peer that chooses names can only cause other names to be
// hashed again. Texts longer than kKeptBytesMax are not kept: no valid name is that long.
//
// Threads: one; make it thread_local.
// Limits: kPlaces names of kKeptBytesMax bytes each.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace usher {

class LogHashes {
 public:
  static constexpr std::size_t kDigits = 12;
  static constexpr std::size_t kPlaces = 256;
  static constexpr std::size_t kKeptBytesMax = 255;  // the longest session or user of a token

  // Returns the first kDigits hexadecimal digits of the text's SHA-256. The view is valid until the
  // next call.
  std::string_view of(std::string_view text) {
    if (text.size() > kKeptBytesMax) return write(text, not_kept_);
    Place& place = places_[std::hash<std::string_view>()(text) % kPlaces];
    if (place.is_taken && place.text == text) return {place.digits.data(), place.digits.size()};
    place.is_taken = false;
    place.text = text;
    const std::string_view digits = write(text, place.digits);
    place.is_taken = true;
    return digits;
  }

  // Returns the bytes that the kept names occupy.
  std::size_t bytes_kept() const {
    std::size_t sum = 0;
    for (const Place& place : places_) sum += place.text.capacity();
    return sum;
  }

 private:
  using Digits = std::array<char, kDigits>;

  static std::string_view write(std::string_view text, Digits& digits) {
    const Sha256 digest = sha256(text);
    write_hex(std::span(digest).first(kDigits / 2), digits);
    return {digits.data(), digits.size()};
  }

  struct Place {
    std::string text;
    Digits digits;
    bool is_taken = false;
  };
  std::array<Place, kPlaces> places_;
  Digits not_kept_{};
};

}  // namespace usher
