// Our own mistakes end the process, at once and loudly. A peer's mistakes never come here: they are
// values (result.h).
#pragma once

namespace usher {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace usher

#define USHER_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::usher::check_failed(#condition, __FILE__, __LINE__))
