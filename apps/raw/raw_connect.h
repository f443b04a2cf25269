// usher connect --raw: standard input and output over a socket of the application behind the
// gateway.
#pragma once

#include "apps/connect_arguments.h"

namespace usher::apps {

// Returns the exit code. Throws std::invalid_argument, with a sentence that says what to do, if the
// URL or a file of the arguments cannot be used.
int run_raw_connect(const ConnectArguments& arguments);

}  // namespace usher::apps
