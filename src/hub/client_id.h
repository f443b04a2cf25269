// The name of one connection: 64 random bits, never used again. What `client` says on the wire.
//
// Answers that come late find their connection by it, or find that it has gone; so no generation
// counter is needed.
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
