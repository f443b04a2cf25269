#include "apps/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace usher::apps {

Parsed parse_arguments(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return {true, kDone};
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = app.exit(error) == 0;
    return {false, asked_for_help ? kDone : kBadUsage};
  }
}

int fail(std::string_view command, std::string_view sentence, int exit_code) {
  std::fprintf(stderr, "usher %.*s: %.*s\n", static_cast<int>(command.size()), command.data(),
               static_cast<int>(sentence.size()), sentence.data());
  return exit_code;
}

}  // namespace usher::apps
