// The address of a Redis, with user and password: a parsed URL.
//
//     redis://[[user]:password@]host[:port][/database]
//     rediss://…                                          the same over TLS
//     unix://[[user]:password@]/path/to/socket[?db=N]
//
// User and password are percent-decoded. An error never shows the URL, which may hold the password.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace usher::redis {

struct Address {
  enum class Kind : std::uint8_t { tcp, tls, unix_socket };

  Kind kind = Kind::tcp;
  std::string host;  // without brackets; the path of a Unix socket
  std::string port;  // digits; empty for a Unix socket
  std::string user;  // empty: the default user
  std::string password;
  std::uint32_t database = 0;

  std::string for_log() const;  // "host:port", or the path
  friend bool operator==(const Address&, const Address&) = default;
};

enum class UrlError : std::uint8_t {
  scheme_unknown,
  host_missing,
  port_invalid,
  database_invalid,
  escape_invalid,
  user_without_password,
  path_missing,
  query_unknown,
  malformed,
};

std::string_view to_string(UrlError error);  // the mistake and its remedy, as half a sentence

inline constexpr std::uint32_t kDatabaseMax = 65535;

Result<Address, UrlError> parse_url(std::string_view url);

// Parses a sentinel: a URL as above, or "host" or "host:port". The default port is 26379.
Result<Address, UrlError> parse_sentinel(std::string_view text);

}  // namespace usher::redis
