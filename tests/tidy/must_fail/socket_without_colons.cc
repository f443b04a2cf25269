// path: src/gateway/router.cc
// breach: src/gateway/router.cc:3: const Fd fd(socket(: sockets live in few places
const Fd fd(socket(
    AF_UNIX, SOCK_STREAM, 0));
