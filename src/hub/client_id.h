// The name of one connection: 64 random bits, never used again. On the wire it is `client`.
//
// A late answer looks up its connection by this name, and finds none if the connection has ended.
// So no generation counter is needed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/entropy.h"

namespace usher::hub {

struct ClientId {
  std::uint64_t value = 0;  // 0: none
  friend auto operator<=>(const ClientId&, const ClientId&) = default;

  static ClientId random(Entropy& entropy);

  // 16 lowercase hex digits, and back.
  std::array<char, 16> digits() const;
  std::string text() const;
  static std::optional<ClientId> parse(std::string_view text);
};

}  // namespace usher::hub
