#include "redis/link/reply.h"

namespace usher::redis {

std::string_view Reply::error_code() const {
  if (!is_error()) return {};
  return std::string_view(text).substr(0, text.find(' '));
}

}  // namespace usher::redis
