// The C++ client in a program that stays, whatever becomes of its client: what a stopped client
// does afterwards can only be seen in one that is still there.
//
//   lasting_client URL TOKEN|guest [ORIGIN]
//
// The client's lines go to standard error, its statuses to standard output. Ends with its input.
#include <cstdio>
#include <iostream>
#include <string>

#include "usher/client.h"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string token = argv[2];
  usher::ClientOptions options{.url = argv[1]};
  if (token != "guest") options.token_source = usher::TokenSource::fixed(token);
  if (argc > 3) options.origin = argv[3];
  options.on_status = [](usher::ClientStatus status) {
    const std::string_view text = usher::to_string(status);
    std::printf("%.*s\n", static_cast<int>(text.size()), text.data());
    std::fflush(stdout);
  };
  usher::Client client(options);
  client.connect();
  std::string line;
  while (std::getline(std::cin, line)) {
  }
}
