// The C++ client in a program that stays, whatever becomes of its client: what a stopped client
// does afterwards can only be seen in one that is still there. lasting_client.mjs is the same with
// the TypeScript client.
//
//   lasting_client URL TOKEN|guest|exec:COMMAND [ORIGIN|- [CHANNEL]]
//
// exec: the token is what the command prints, each time that one is asked for. The client's lines go
// to standard error; its statuses, and what comes in the channel ("message 7"), to standard output.
// Ends with its input.
#include <cstdio>
#include <iostream>
#include <string>

#include "usher/client.h"

namespace {

constexpr std::string_view kExec = "exec:";

std::string output_of(const std::string& command) {
  std::string text;
  if (FILE* const pipe = popen(command.c_str(), "r")) {
    char part[512];
    while (std::fgets(part, sizeof part, pipe) != nullptr) text += part;
    pclose(pipe);
  }
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

usher::TokenSource token_source(const std::string& said) {
  if (said == "guest") return usher::TokenSource::guest();
  if (!said.starts_with(kExec)) return usher::TokenSource::fixed(said);
  return usher::TokenSource::function(
      [command = said.substr(kExec.size())](bool /*fresh*/, usher::TokenReply reply) {
        reply.token(output_of(command));
      });
}

void say(std::string_view word, std::string_view rest = {}) {
  std::cout << word << rest << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  usher::ClientOptions options{.url = argv[1], .token_source = token_source(argv[2])};
  if (argc > 3 && std::string_view(argv[3]) != "-") options.origin = argv[3];
  options.on_status = [](usher::ClientStatus status) { say(usher::to_string(status)); };
  options.on_message = [](const usher::ClientMessage& message) { say("message ", message.data); };
  usher::Client client(options);
  if (argc > 4) client.subscribe(argv[4]);
  client.connect();
  std::string line;
  while (std::getline(std::cin, line)) {
  }
}
