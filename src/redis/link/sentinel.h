// What a sentinel answers to SENTINEL get-master-addr-by-name.
#pragma once

#include <optional>
#include <string>

#include "redis/link/reply.h"

namespace usher::redis {

struct MasterAddress {
  std::string host;
  std::string port;
};

// Nothing where the sentinel knows no such master, or answers something else.
std::optional<MasterAddress> master_address(const Reply& reply);

}  // namespace usher::redis
