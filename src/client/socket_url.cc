#include "client/socket_url.h"

#include <algorithm>
#include <cctype>

#include "base/ascii.h"

namespace usher::client {

namespace {

bool is_unreserved(char c) {  // as encodeURIComponent has it
  return std::isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("-_.!~*'()").find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      (out += '%') += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

bool is_ipv4_loopback(std::string_view host) {
  return host.starts_with("127.") && std::ranges::count(host, '.') == 3 && host.back() != '.' &&
         host.find("..") == std::string_view::npos &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// http→ws, https→wss.
std::string with_socket_scheme(std::string url) {
  const std::size_t length = std::min(url.find(':'), url.size());
  std::string scheme = to_lower(url.substr(0, length));
  if (scheme == "http") scheme = "ws";
  if (scheme == "https") scheme = "wss";
  return url.replace(0, length, scheme);
}

}  // namespace

std::string base_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url);
}

std::string socket_url(std::string_view url, std::string_view ticket) {
  return with_socket_scheme(base_url(url)) + "/ws?ticket=" + percent_encoded(ticket);
}

std::string raw_socket_url(std::string_view url, std::string_view ticket) {
  std::string whole = with_socket_scheme(std::string(url.substr(0, url.find('#'))));
  if (whole.find('?') == std::string::npos) {
    whole += '?';
  } else if (!whole.ends_with('?') && !whole.ends_with('&')) {
    whole += '&';
  }
  return whole + "ticket=" + percent_encoded(ticket);
}

std::string root_url(std::string_view url) {
  const auto authority = url.find("://");
  const auto from = authority == std::string_view::npos ? 0 : authority + 3;
  return std::string(url.substr(0, url.find_first_of("/?#", from)));
}

bool names_ticket(std::string_view url) {
  url = url.substr(0, url.find('#'));
  for (auto at = url.find('?'); at != std::string_view::npos; at = url.find('&', at + 1)) {
    const std::string_view rest = url.substr(at + 1);
    if (rest.substr(0, rest.find_first_of("=&")) == "ticket") return true;
  }
  return false;
}

bool is_loopback(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return false;
  std::string_view authority = url.substr(scheme_end + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const auto at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  if (authority == "[::1]" || authority.starts_with("[::1]:")) return true;
  const std::string host = to_lower(authority.substr(0, authority.find(':')));
  return host == "localhost" || host.ends_with(".localhost") || is_ipv4_loopback(host);
}

}  // namespace usher::client
