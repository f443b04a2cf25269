// The answer of a sentinel to SENTINEL get-master-addr-by-name.
#pragma once

#include <optional>
#include <string>

#include "redis/link/reply.h"

namespace usher::redis {

struct MasterAddress {
  std::string host;
  std::string port;
};

// Returns `nullopt` if the sentinel does not know the master, or answers anything else.
std::optional<MasterAddress> master_address(const Reply& reply);

}  // namespace usher::redis
