// path: src/hub/hub_test.cc
std::thread worker([] {});
const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
// path: tests/support/redis_server.cc
boost::asio::post(loop, [] {});
