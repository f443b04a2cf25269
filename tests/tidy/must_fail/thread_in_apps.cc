// path: apps/serve.cc
// breach: apps/serve.cc:3: std::vector<std::jthread> workers;: threads begin in few places
std::vector<std::jthread> workers;
