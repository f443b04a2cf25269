#include "client_net/loop.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

namespace usher::client_net {
namespace {

TEST(LoopTest, RunsOneThingAtATimeOnAnyNumberOfThreads) {
  boost::asio::io_context io;
  Loop loop(io.get_executor());
  std::atomic<int> inside = 0;
  int ran = 0;
  bool overlapped = false;
  for (int i = 0; i < 1000; ++i) {
    loop.post([&] {
      overlapped |= inside.fetch_add(1) != 0;
      ++ran;
      EXPECT_TRUE(loop.is_current());
      inside.fetch_sub(1);
    });
  }
  EXPECT_FALSE(loop.is_current());
  std::thread other([&] { io.run(); });
  io.run();
  other.join();
  EXPECT_EQ(ran, 1000);
  EXPECT_FALSE(overlapped);
}

}  // namespace
}  // namespace usher::client_net
