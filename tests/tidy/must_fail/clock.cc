// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: const auto now = std::chrono::steady_clock::now();: time and randomness are passed in
const auto now = std::chrono::steady_clock::now();
