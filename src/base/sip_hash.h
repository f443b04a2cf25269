// SipHash-2-4 (Aumasson, Bernstein 2012): a keyed 64-bit hash. Without the key, a peer can't choose
// texts with a wanted hash.
//
// For tables whose keys a peer may choose: the peer can't make keys collide. The 64 bits may
// replace the key itself where an accidental match (1 in 2^64) does no harm.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/entropy.h"

namespace usher {

struct SipKey {
  std::uint64_t k0 = 0;
  std::uint64_t k1 = 0;

  static SipKey random(Entropy& entropy);
};

std::uint64_t sip_hash(const SipKey& key, std::string_view text);

}  // namespace usher
