// The arguments of `usher connect`, read and checked.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "apps/command_line.h"

namespace usher::apps {

struct ConnectArguments {
  std::string url;
  std::vector<std::string> channels;
  std::string origin;
  std::string token;
  std::string ca_file;
  std::string guest_file;
  bool verbose = false;

  // The application's own socket. The rest is meaningful only with it.
  bool raw = false;
  std::string gateway;  // empty: at the root of the URL, below `prefix`
  std::string prefix;
  std::vector<std::string> subprotocols;
  bool binary = false;
  bool null_ends = false;
  bool keep_open = false;
  double wait_seconds = 1;
};

Parsed parse_connect(ConnectArguments& arguments, int argc, char** argv);

// Returns a sentence that names the first mistake in the arguments and says what to do about it.
// Returns "" if there is none.
std::string mistake_in(const ConnectArguments& arguments);

}  // namespace usher::apps
