// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: const std::time_t now = std::time(&out);: time and randomness are passed in
const std::time_t now = std::time(&out);
