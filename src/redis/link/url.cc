#include "redis/link/url.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace usher::redis {
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    decoded += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return decoded;
}

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t max) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

// Removes `[[user]:password@]` from the front of `rest`.
Result<void, UrlError> take_credentials(std::string_view& rest, Address& address) {
  const auto at = rest.substr(0, rest.find_first_of("/?")).rfind('@');
  if (at == std::string_view::npos) return {};
  const std::string_view credentials = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  const auto colon = credentials.find(':');
  if (colon == std::string_view::npos) return UrlError::user_without_password;
  const auto user = percent_decoded(credentials.substr(0, colon));
  const auto password = percent_decoded(credentials.substr(colon + 1));
  if (!user || !password) return UrlError::escape_invalid;
  if (password->empty() && !user->empty()) return UrlError::user_without_password;
  address.user = *user;
  address.password = *password;
  return {};
}

Result<void, UrlError> take_host(std::string_view authority, Address& address) {
  const bool bracketed = authority.starts_with('[');
  const auto host_end = std::min(authority.find(bracketed ? ']' : ':'), authority.size());
  if (bracketed && host_end == authority.size()) return UrlError::malformed;
  address.host = authority.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0));
  if (address.host.empty()) return UrlError::host_missing;
  const std::string_view after = authority.substr(host_end + (bracketed ? 1 : 0));
  if (after.empty()) return {};
  if (after.front() != ':') return UrlError::malformed;
  const auto port = number(after.substr(1), 65535);
  if (!port || *port == 0) return UrlError::port_invalid;
  address.port = std::to_string(*port);
  return {};
}

Result<Address, UrlError> parse_socket(std::string_view rest, Address address) {
  const auto query_at = std::min(rest.find('?'), rest.size());
  const auto path = percent_decoded(rest.substr(0, query_at));
  if (!path) return UrlError::escape_invalid;
  if (!path->starts_with('/') || path->size() < 2) return UrlError::path_missing;
  constexpr std::size_t kPathMax = 107;  // sun_path
  if (path->size() > kPathMax || path->find('\0') != std::string::npos) return UrlError::malformed;
  address.host = *path;
  if (query_at == rest.size()) return address;
  const std::string_view query = rest.substr(query_at + 1);
  if (!query.starts_with("db=")) return UrlError::query_unknown;
  const auto database = number(query.substr(3), kDatabaseMax);
  if (!database) return UrlError::database_invalid;
  address.database = *database;
  return address;
}

Result<Address, UrlError> parse(std::string_view url, std::string_view port) {
  const bool is_visible = std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7F; });
  const auto colon = url.find("://");
  if (!is_visible || url.find('#') != std::string_view::npos) return UrlError::malformed;
  const std::string_view scheme = url.substr(0, std::min(colon, url.size()));
  Address address;
  if (colon == std::string_view::npos) return UrlError::scheme_unknown;
  if (scheme == "rediss") {
    address.kind = Address::Kind::tls;
  } else if (scheme == "unix") {
    address.kind = Address::Kind::unix_socket;
  } else if (scheme != "redis") {
    return UrlError::scheme_unknown;
  }

  std::string_view rest = url.substr(colon + 3);
  if (const auto taken = take_credentials(rest, address); !taken) return taken.error();
  if (address.kind == Address::Kind::unix_socket) return parse_socket(rest, std::move(address));

  if (rest.find('?') != std::string_view::npos) return UrlError::query_unknown;
  const auto path_at = std::min(rest.find('/'), rest.size());
  address.port = port;
  if (const auto taken = take_host(rest.substr(0, path_at), address); !taken) return taken.error();
  const std::string_view path = rest.substr(std::min(path_at + 1, rest.size()));
  if (path.empty()) return address;
  const auto database = number(path, kDatabaseMax);
  if (!database) return UrlError::database_invalid;
  address.database = *database;
  return address;
}

}  // namespace

std::string Address::for_log() const {
  if (kind == Kind::unix_socket) return host;
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + port;
}

std::string_view to_string(UrlError error) {
  switch (error) {
    case UrlError::scheme_unknown:
      return "it must begin with redis://, rediss:// or unix://";
    case UrlError::host_missing:
      return "it names no host; write redis://HOST:6379";
    case UrlError::port_invalid:
      return "its port must be a number from 1 to 65535";
    case UrlError::database_invalid:
      return "its database must be a number from 0 to 65535, as in redis://HOST:6379/2";
    case UrlError::escape_invalid:
      return "a % in its user, password or path must be followed by two hex digits; write %25 for "
             "a % itself";
    case UrlError::user_without_password:
      return "it names a user without a password; write redis://USER:PASSWORD@HOST";
    case UrlError::path_missing:
      return "it names no socket; write unix:///path/to/socket";
    case UrlError::query_unknown:
      return "it takes no query but unix://…?db=N; write %3F for a ? in the password";
    case UrlError::malformed:
      return "it is no URL; write redis://HOST:6379, with reserved characters as %XX";
  }
  return {};
}

Result<Address, UrlError> parse_url(std::string_view url) { return parse(url, "6379"); }

Result<Address, UrlError> parse_sentinel(std::string_view text) {
  constexpr std::string_view kPort = "26379";
  if (text.find("://") != std::string_view::npos) return parse(text, kPort);
  return parse("redis://" + std::string(text), kPort);
}

}  // namespace usher::redis
