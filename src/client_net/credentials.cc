#include "client_net/credentials.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include "client/socket_url.h"
#include "http_client/endpoint.h"

namespace usher::client_net {

namespace {

constexpr std::size_t kBytesMax = 16 << 10;

constexpr std::array<std::string_view, 13> kOwnNames{
    "accept",  "connection",        "content-length", "content-type", "expect",
    "host",    "keep-alive",        "origin",         "te",           "trailer",
    "upgrade", "transfer-encoding", "user-agent"};

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool is_name(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || c == '\t';
  });
}

}  // namespace

std::optional<std::string> fault_of(const HeaderFields& fields, bool with_bearer) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : fields) {
    if (!is_name(name)) return "a field's name is malformed";
    const std::string lower = in_lower_case(name);
    const bool own = std::ranges::find(kOwnNames, lower) != kOwnNames.end();
    if (own || (with_bearer && lower == "authorization"))
      return "the field " + name + " is the client's own";
    if (!is_value(value)) return "the value of " + name + " has a control character";
    bytes += name.size() + value.size();
  }
  if (bytes > kBytesMax) return "they have more than 16 KiB";
  return std::nullopt;
}

void check_credentials_url(const std::string& url) {
  const auto endpoint = http_client::parse_url(url);
  if ((endpoint && endpoint->tls) || client::is_loopback(url)) return;
  throw std::invalid_argument(
      "credentials go over TLS only: the gateway's URL must begin with https, or name this machine");
}

}  // namespace usher::client_net
