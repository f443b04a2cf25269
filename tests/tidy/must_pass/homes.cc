// path: src/base/system.cc
const auto now = std::chrono::system_clock::now();
getrandom(bytes, size, 0);
// path: src/net/socket.cc
const auto count = ::recv(fd, bytes, size, 0);
boost::asio::post(loop, [] {});
// path: src/client_net/own_thread.cc
std::thread thread;
