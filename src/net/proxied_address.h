// Whose request is it, when a proxy stands between: the peer itself, or the rightmost address of
// X-Forwarded-For that is no trusted proxy's. What stands further left was written by the client
// and proves nothing.
//
// Threads: immutable once made.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace usher::net {

class TrustedProxies {
 public:
  // Each entry is an address (`10.0.0.1`, `::1`), a network (`10.0.0.0/8`, `fd00::/8`) or `unix`
  // for peers on a unix socket. Throws std::invalid_argument with a sentence.
  explicit TrustedProxies(const std::vector<std::string>& entries);

  bool contains(std::string_view address) const;

  // `peer` as peer_address_text() writes it; `forwarded_for` is the header's value ("" when
  // absent). Entries that are no address end the walk: the last address known to be good is used.
  std::string client_of(std::string_view peer, std::string_view forwarded_for) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> address;  // IPv4 is mapped into IPv6
    int bits;
  };

  std::vector<Network> networks_;
  bool trusts_unix_ = false;
};

}  // namespace usher::net
