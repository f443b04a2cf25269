// Finds the client of a request that came through a proxy: the peer itself, or the rightmost
// address of X-Forwarded-For that is no trusted proxy's. The addresses further left were written by
// the client and prove nothing.
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

  // Returns the client's address. `peer` is written as by peer_address_text(); `forwarded_for` is
  // the field's value ("" when absent). An entry that is no address ends the search: the last
  // address that is known to be good is used.
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
