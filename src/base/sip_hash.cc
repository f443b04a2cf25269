#include "base/sip_hash.h"

#include <bit>
#include <cstring>

namespace usher {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

std::uint64_t read_word(const char* bytes, std::size_t count) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, count);
  static_assert(std::endian::native == std::endian::little);
  return word;
}

}  // namespace

SipKey SipKey::random(Entropy& entropy) {
  return std::bit_cast<SipKey>(entropy.bytes<sizeof(SipKey)>());
}

std::uint64_t sip_hash(const SipKey& key, std::string_view text) {
  State state{key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261,
              key.k1 ^ 0x7465646279746573};
  const std::size_t whole = text.size() / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) state.absorb(read_word(text.data() + i, 8));
  const std::uint64_t rest = text.empty() ? 0 : read_word(text.data() + whole, text.size() - whole);
  state.absorb(rest | static_cast<std::uint64_t>(text.size()) << 56);

  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace usher
