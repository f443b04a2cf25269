// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);: sockets live in few places
const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
