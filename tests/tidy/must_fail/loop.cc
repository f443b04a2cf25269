// path: src/hub/hub.cc
// breach: src/hub/hub.cc:3: boost::asio::steady_timer timer;: loops and their timers live in few places
boost::asio::steady_timer timer;
