// path: src/hub/hub.cc
const unsigned count = std::thread::hardware_concurrency();
const auto id = std::this_thread::get_id();
std::time_t seconds, runtime(std::time_t), timeout(int);
std::mutex mutex;
my::asio_thing thing;
#include <boost/beast/http/basic_parser.hpp>
