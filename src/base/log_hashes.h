// The hashes of the names that were written into log lines last.
//
// The lines of a connection follow each other closely (its ticket, its upgrade), each with the same
// session and user: a look here costs a tenth of another SHA-256. A name has one place, which the
// next name with the same place takes over: so a peer that chooses names can make others' be hashed
// again, and nothing else.
//
// Threads: one; make it thread_local.
// Limits: kPlaces names.
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

  // The first kDigits hexadecimal digits of the text's SHA-256. Good until the next call.
  std::string_view of(std::string_view text) {
    Place& place = places_[std::hash<std::string_view>()(text) % kPlaces];
    if (!place.is_taken || place.text != text) {
      place.is_taken = false;
      place.text = text;
      const Sha256 digest = sha256(text);
      write_hex(std::span(digest).first(kDigits / 2), place.digits);
      place.is_taken = true;
    }
    return {place.digits.data(), place.digits.size()};
  }

 private:
  struct Place {
    std::string text;
    std::array<char, kDigits> digits;
    bool is_taken = false;
  };
  std::array<Place, kPlaces> places_;
};

}  // namespace usher
