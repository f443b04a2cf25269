// path: apps/token.cc
// breach: apps/token.cc:3: const auto now = time( nullptr );: time and randomness are passed in
const auto now = time( nullptr );
