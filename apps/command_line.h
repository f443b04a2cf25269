// The subcommands of `usher`. Each parses its own arguments (argv[0] is its name), prints its own
// help, and returns the exit code of contract section 8.
#pragma once

#include <span>
#include <string_view>

namespace usher::apps {

enum ExitCode : int { kDone = 0, kFailed = 1, kBadUsage = 2, kHardFailure = 3 };

int run_serve(int argc, char** argv);
int run_checkconfig(int argc, char** argv);
int run_connect(int argc, char** argv);
int run_publish(int argc, char** argv);
int run_token(int argc, char** argv);
int run_tlskey(int argc, char** argv);
int run_checktoken(int argc, char** argv);
int run_demo(int argc, char** argv);
int run_bench(int argc, char** argv);

// The result of parsing the arguments (arguments.h): go on, or end with this exit code.
struct Parsed {
  bool go_on;
  int exit_code;
};

// Writes one sentence to stderr, "usher serve: …", and returns `exit_code`.
int fail(std::string_view command, std::string_view sentence, int exit_code = kFailed);

}  // namespace usher::apps
