#include "apps/command_line.h"

#include <cstdio>

namespace usher::apps {

int fail(std::string_view command, std::string_view sentence, int exit_code) {
  std::fprintf(stderr, "usher %.*s: %.*s\n", static_cast<int>(command.size()), command.data(),
               static_cast<int>(sentence.size()), sentence.data());
  return exit_code;
}

}  // namespace usher::apps
