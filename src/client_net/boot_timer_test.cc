#include "client_net/boot_timer.h"

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "base/system.h"

namespace usher::client_net {
namespace {

using namespace std::chrono_literals;

class BootTimerTest : public testing::Test {
 protected:
  boost::asio::io_context io;
  SystemClock clock;
  int fired = 0;
  std::optional<BootTimer> timer{std::in_place, io.get_executor(), [this] { ++fired; }};
};

TEST_F(BootTimerTest, FiresWhenItsTimeHasComeAndOnce) {
  const TimePoint due = clock.now() + 20ms;
  timer->arm(due);
  io.run();
  EXPECT_EQ(fired, 1);
  EXPECT_GE(clock.now(), due);
}

TEST_F(BootTimerTest, FiresForTheLastTimeThatItWasArmedFor) {
  timer->arm(clock.now() + 1h);
  timer->arm(clock.now() + 10ms);
  io.run();
  EXPECT_EQ(fired, 1);
}

TEST_F(BootTimerTest, APastTimeFiresAtOnceButNotInline) {
  timer->arm(TimePoint{});
  EXPECT_EQ(fired, 0);
  io.run();
  EXPECT_EQ(fired, 1);
}

TEST_F(BootTimerTest, DisarmedItKeepsNobodyWaiting) {
  timer->arm(clock.now() + 1h);
  timer->disarm();
  io.run();
  EXPECT_EQ(fired, 0);
}

TEST_F(BootTimerTest, ArmedAgainRightAfterBeingDisarmedItFires) {
  timer->arm(clock.now() + 1h);
  timer->disarm();
  timer->arm(clock.now() + 10ms);
  io.run();
  EXPECT_EQ(fired, 1);
}

TEST_F(BootTimerTest, DestroyedItDoesNotFire) {
  timer->arm(TimePoint{});
  timer.reset();
  io.run();
  EXPECT_EQ(fired, 0);
}

}  // namespace
}  // namespace usher::client_net
