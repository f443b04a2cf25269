#include "apps/raw/readiness.h"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "apps/raw/pipe_fixture.h"

namespace usher::apps {
namespace {

TEST(ReadinessTest, AnEmptyPipeIsReadyWhenSomethingComes) {
  boost::asio::io_context loop;
  Pipe pipe;
  Readiness readable(loop, pipe.read_end(), Direction::read);
  int times = 0;
  for (int round = 1; round <= 3; ++round) {
    readable.wait([&] { ++times; });
    loop.restart();
    while (loop.poll_one() > 0) {
    }
    EXPECT_EQ(times, round - 1);
    ASSERT_TRUE(pipe.put("x"));
    loop.restart();
    loop.run();
    EXPECT_EQ(times, round);
    EXPECT_EQ(pipe.take(10), "x");
  }
}

TEST(ReadinessTest, WhatIsReadyAlreadyIsReadyAtOnceButNeverInline) {
  boost::asio::io_context loop;
  Pipe pipe;
  ASSERT_TRUE(pipe.put("x"));
  Readiness readable(loop, pipe.read_end(), Direction::read);
  bool ready = false;
  readable.wait([&] { ready = true; });
  EXPECT_FALSE(ready);
  loop.run();
  EXPECT_TRUE(ready);
}

TEST(ReadinessTest, AnEndThatIsGoneIsReady) {
  boost::asio::io_context loop;
  Pipe pipe;
  Readiness readable(loop, pipe.read_end(), Direction::read);
  bool ready = false;
  readable.wait([&] { ready = true; });
  pipe.close_write();
  loop.run();
  EXPECT_TRUE(ready);
}

TEST(ReadinessTest, AFileIsAlwaysReady) {
  boost::asio::io_context loop;
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  Readiness writable(loop, fileno(file), Direction::write);
  bool ready = false;
  writable.wait([&] { ready = true; });
  loop.run();
  EXPECT_TRUE(ready);
  std::fclose(file);
}

TEST(ReadinessTest, ACancelledWaitEndsWithoutACall) {
  boost::asio::io_context loop;
  Pipe pipe;
  Readiness readable(loop, pipe.read_end(), Direction::read);
  bool ready = false;
  readable.wait([&] { ready = true; });
  readable.cancel();
  ASSERT_TRUE(pipe.put("x"));
  loop.run();
  EXPECT_FALSE(ready);
}

TEST(ReadinessTest, TheFlagsOfTheDescriptorStayAsTheyAre) {
  boost::asio::io_context loop;
  Pipe pipe;
  Readiness readable(loop, pipe.read_end(), Direction::read);
  readable.wait([] {});
  EXPECT_EQ(fcntl(pipe.read_end(), F_GETFL) & O_NONBLOCK, 0);
}

}  // namespace
}  // namespace usher::apps
