#include "auth/origin.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"

namespace usher::auth {
namespace {

constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 3986 section 3.1.
bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

std::uint16_t own_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  if (scheme == "https") return 443;
  return 0;
}

// Decimal, without leading zeros, 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || rest != end || text.front() == '0') return std::nullopt;
  return port;
}

std::optional<std::string> parse_name(std::string_view text) {
  if (text.empty() || text.size() > kHostBytesMax) return std::nullopt;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t dot = std::min(text.find('.', start), text.size());
    if (!is_host_label(text.substr(start, dot - start))) return std::nullopt;
    start = dot + 1;
  }
  return to_lower(text);
}

// What apps call themselves: `-`, `.`, `localhost`, an extension's id.
std::optional<std::string> parse_free_name(std::string_view text) {
  const bool is_free = std::ranges::all_of(
      text, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
  if (!is_free || text.size() > kHostBytesMax) return std::nullopt;
  return to_lower(text);
}

std::optional<std::string> parse_ipv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> canonical;
  in6_addr address;
  const std::string plain(text);
  if (plain.find('\0') != std::string::npos) return std::nullopt;
  if (inet_pton(AF_INET6, plain.c_str(), &address) != 1) return std::nullopt;
  if (inet_ntop(AF_INET6, &address, canonical.data(), canonical.size()) == nullptr) {
    return std::nullopt;
  }
  return "[" + std::string(canonical.data()) + "]";
}

struct HostAndRest {
  std::optional<std::string> host;
  std::string_view rest;  // "" or ":port"
};

HostAndRest split_host(std::string_view text, bool is_web) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {};
    return {parse_ipv6(text.substr(1, end - 1)), text.substr(end + 1)};
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view name = text.substr(0, colon);
  if (is_web) return {parse_name(name), text.substr(colon)};
  if (name.empty() && colon != text.size()) return {};  // a port of nothing
  return {parse_free_name(name), text.substr(colon)};
}

}  // namespace

bool is_web_scheme(std::string_view scheme) {
  return scheme == "http" || scheme == "https" || scheme == "ws" || scheme == "wss";
}

bool is_loopback_page(const Origin& origin) {
  return (origin.scheme == "http" || origin.scheme == "https") &&
         (origin.host == "localhost" || origin.host == "127.0.0.1" || origin.host == "[::1]");
}

bool is_host_label(std::string_view text) {
  return !text.empty() && text.size() <= kLabelBytesMax && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_';
  });
}

std::optional<Origin> parse_origin(std::string_view text) {
  if (text.size() > kOriginBytesMax) return std::nullopt;
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos || !is_scheme(text.substr(0, mark))) return std::nullopt;
  const std::string scheme = to_lower(text.substr(0, mark));
  const auto [host, rest] = split_host(text.substr(mark + 3), is_web_scheme(scheme));
  if (!host) return std::nullopt;

  Origin origin{scheme, *host, 0};
  if (rest.empty()) return origin;
  const auto port = rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
  if (!port) return std::nullopt;
  if (*port != own_port(origin.scheme)) origin.port = *port;
  return origin;
}

std::string origin_host(std::optional<std::string_view> origin) {
  if (!origin) return "";
  if (*origin == "null") return "null";
  const auto parsed = parse_origin(*origin);
  if (!parsed) return "(malformed)";
  return parsed->host.empty() ? parsed->text() : parsed->host_text();
}

bool is_same_origin(std::string_view bound, std::optional<std::string_view> presented) {
  if (!presented) return false;
  if (bound == "null" || *presented == "null") return bound == *presented;
  const auto first = parse_origin(bound);
  return first && first == parse_origin(*presented);
}

}  // namespace usher::auth
