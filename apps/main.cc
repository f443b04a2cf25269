// usher: one program, one subcommand each for what people do with it.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "apps/command_line.h"
#include "base/certificate.h"

namespace {

using namespace usher::apps;

struct Command {
  std::string_view name;
  int (*run)(int argc, char** argv);
  const char* summary;
};

constexpr Command kCommands[] = {
    {"serve", run_serve, "run the gateway"},
    {"checkconfig", run_checkconfig, "check a configuration file without starting"},
    {"connect", run_connect, "connect as a client and print the messages"},
    {"publish", run_publish, "publish to a channel through the server API"},
    {"token", run_token, "make a token"},
    {"tlskey", run_tlskey, "make a key for tls.session_ticket_key_files"},
    {"checktoken", run_checktoken, "verify a token, print its claims or its error"},
    {"demo", run_demo, "show success and every failure, in one process"},
    {"bench", run_bench, "measure a gateway, or any WebSocket server"},
};

void print_help(std::FILE* out) {
  std::fputs("usher " USHER_VERSION
             ": a WebSocket gateway that lets clients in by one-time ticket\n\nUsage: usher "
             "COMMAND [OPTION…]\n\n",
             out);
  for (const Command& command : kCommands) {
    std::fprintf(out, "  %-12s %s\n", command.name.data(), command.summary);
  }
  std::fputs("\nTry: usher serve --dev\nHelp for a command: usher COMMAND --help\n", out);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  usher::forbid_passphrase_prompts();
  const std::string_view name = argc > 1 ? argv[1] : "";
  if (name == "--help" || name == "-h" || name == "help") {
    print_help(stdout);
    return kDone;
  }
  if (name == "--version") {
    std::puts("usher " USHER_VERSION);
    return kDone;
  }
  for (const Command& command : kCommands) {
    if (name != command.name) continue;
    try {
      return command.run(argc - 1, argv + 1);
    } catch (const std::exception& error) {
      return fail(name, error.what());
    }
  }
  if (!name.empty()) std::fprintf(stderr, "usher: there is no command '%s'\n\n", argv[1]);
  print_help(stderr);
  return kBadUsage;
}
