#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace usher {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "usher: internal error at %s:%d: %s does not hold\n", file, line, condition);
  std::abort();
}

BrokenInvariant::BrokenInvariant(const char* condition, const char* file, int line)
    : text_(std::string(file) + ":" + std::to_string(line) + ": " + condition + " does not hold") {}

void invariant_broken(const char* condition, const char* file, int line) {
  throw BrokenInvariant(condition, file, line);
}

}  // namespace usher
