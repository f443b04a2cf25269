#include "hub/client_id.h"

#include <bit>

#include "base/bytes.h"

namespace usher::hub {

ClientId ClientId::random(Entropy& entropy) {
  ClientId id;
  while (id.value == 0) id.value = std::bit_cast<std::uint64_t>(entropy.bytes<8>());
  return id;
}

std::string ClientId::text() const {
  return to_hex(std::bit_cast<std::array<std::byte, 8>>(value));
}

std::optional<ClientId> ClientId::parse(std::string_view text) {
  std::array<std::byte, 8> bytes;
  if (!from_hex(text, bytes)) return std::nullopt;
  return ClientId{std::bit_cast<std::uint64_t>(bytes)};
}

}  // namespace usher::hub
