#include "redis/link/sentinel.h"

#include <algorithm>

namespace usher::redis {

std::optional<MasterAddress> master_address(const Reply& reply) {
  if (reply.kind != Reply::Kind::array || reply.items.size() != 2) return std::nullopt;
  const std::string& host = reply.items[0].text;
  const std::string& port = reply.items[1].text;
  const bool is_port = !port.empty() && port.size() <= 5 &&
                       std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; }) &&
                       std::stoi(port) > 0 && std::stoi(port) <= 65535;
  if (host.empty() || !is_port) return std::nullopt;
  return MasterAddress{host, port};
}

}  // namespace usher::redis
