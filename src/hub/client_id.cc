#include "hub/client_id.h"

#include <bit>

#include "base/bytes.h"

namespace usher::hub {

ClientId ClientId::random(Entropy& entropy) {
  ClientId id;
  while (id.value == 0) id.value = std::bit_cast<std::uint64_t>(entropy.bytes<8>());
  return id;
}

std::array<char, 16> ClientId::digits() const {
  std::array<char, 16> digits;
  write_hex(std::bit_cast<std::array<std::byte, 8>>(value), digits);
  return digits;
}

std::string ClientId::text() const {
  const auto all = digits();
  return {all.data(), all.size()};
}

std::optional<ClientId> ClientId::parse(std::string_view text) {
  std::array<std::byte, 8> bytes;
  if (!from_hex(text, bytes)) return std::nullopt;
  return ClientId{std::bit_cast<std::uint64_t>(bytes)};
}

}  // namespace usher::hub
