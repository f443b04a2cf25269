#include "net/proxied_address.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace usher::net {
namespace {

using Address = std::array<std::uint8_t, 16>;

constexpr Address kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;

bool is_mapped(const Address& address) {
  return std::memcmp(address.data(), kMappedPrefix.data(), kMappedBits / 8) == 0;
}

std::optional<Address> parse(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  Address address = kMappedPrefix;
  if (inet_pton(AF_INET, buffer, address.data() + 12) == 1) return address;
  if (inet_pton(AF_INET6, buffer, address.data()) == 1) return address;
  return std::nullopt;
}

std::string to_text(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (is_mapped(address)) {
    inet_ntop(AF_INET, address.data() + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, address.data(), text, sizeof text);
  }
  return text;
}

bool matches(const Address& address, const Address& network, int bits) {
  const auto bytes = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(address.data(), network.data(), bytes) != 0) return false;
  const int rest = bits % 8;
  return rest == 0 || (address[bytes] ^ network[bytes]) >> (8 - rest) == 0;
}

// Some proxies write ports: 192.0.2.1:4711, [2001:db8::1]:4711, [2001:db8::1].
std::string_view without_port(std::string_view entry) {
  if (entry.starts_with('[')) {
    const auto end = entry.find(']');
    return end == std::string_view::npos ? entry : entry.substr(1, end - 1);
  }
  const auto colon = entry.find(':');
  if (colon != std::string_view::npos && entry.find(':', colon + 1) == std::string_view::npos) {
    return entry.substr(0, colon);
  }
  return entry;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) {
    if (entry == "unix") {
      trusts_unix_ = true;
      continue;
    }
    const auto slash = entry.find('/');
    const auto address = parse(entry.substr(0, slash));
    int bits = 128;
    bool good = address.has_value();
    if (good && slash != std::string::npos) {
      const char* const end = entry.data() + entry.size();
      const auto parsed = std::from_chars(entry.data() + slash + 1, end, bits);
      if (is_mapped(*address)) bits += kMappedBits;
      good = parsed.ec == std::errc() && parsed.ptr == end &&
             bits >= (is_mapped(*address) ? kMappedBits : 0) && bits <= 128;
    }
    if (!good) {
      throw std::invalid_argument("server.trusted_proxies: '" + entry +
                                  "' is neither an address, a network like 10.0.0.0/8, nor 'unix'");
    }
    networks_.push_back({*address, bits});
  }
}

bool TrustedProxies::contains(std::string_view address) const {
  if (address == "unix") return trusts_unix_;
  if (networks_.empty()) return false;
  const auto parsed = parse(address);
  if (!parsed) return false;
  for (const Network& network : networks_) {
    if (matches(*parsed, network.address, network.bits)) return true;
  }
  return false;
}

std::string TrustedProxies::client_of(std::string_view peer, std::string_view forwarded_for) const {
  std::string client(peer);
  while (!forwarded_for.empty() && contains(client)) {
    const auto comma = forwarded_for.rfind(',');
    const std::string_view entry =
        comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1);
    const auto address = parse(without_port(trimmed(entry)));
    if (!address) break;
    client = to_text(*address);
    forwarded_for =
        comma == std::string_view::npos ? std::string_view() : forwarded_for.substr(0, comma);
  }
  return client;
}

}  // namespace usher::net
