// path: tests/scenarios/dice.cc
// breach: tests/scenarios/dice.cc:3: std::random_device device;: time and randomness are passed in
std::random_device device;
