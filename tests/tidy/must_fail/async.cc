// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: auto later = std::async([] {});: threads begin in few places
auto later = std::async([] {});
