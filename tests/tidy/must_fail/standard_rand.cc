// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: const int dice = std::rand() % 6;: time and randomness are passed in
const int dice = std::rand() % 6;
