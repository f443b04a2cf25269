// path: src/gateway/router.cc
// breach: src/gateway/router.cc:3: #include <boost/asio/post.hpp>: loops and their timers live in few places
#include <boost/asio/post.hpp>
