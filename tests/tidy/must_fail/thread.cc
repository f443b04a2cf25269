// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: std::thread worker([] {});: threads begin in few places
std::thread worker([] {});
