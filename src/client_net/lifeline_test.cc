#include "client_net/lifeline.h"

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "client_net/loop.h"

namespace usher::client_net {
namespace {

struct Object : std::enable_shared_from_this<Object> {
  explicit Object(boost::asio::io_context& io) : at(io.get_executor()) {}
  Loop& loop() { return at; }
  Loop at;
};

class LifelineTest : public testing::Test {
 protected:
  bool leads() {
    bool led = false;
    line.with([&](Object&) { led = true; });
    return led;
  }

  boost::asio::io_context io;
  Lifeline<Object> line;
  std::shared_ptr<Object> object = std::make_shared<Object>(io);
};

TEST_F(LifelineTest, LeadsToTheObjectUntilItIsCutOrGone) {
  EXPECT_FALSE(leads());
  line.tie(object);
  EXPECT_TRUE(leads());
  line.cut();
  EXPECT_FALSE(leads());
  line.tie(object);
  object.reset();
  EXPECT_FALSE(leads());
}

TEST_F(LifelineTest, PostedWorkRunsOnlyIfTheObjectStillLives) {
  int runs = 0;
  line.tie(object);
  post_to(line, [&] { ++runs; });
  EXPECT_EQ(runs, 0);
  io.run();
  EXPECT_EQ(runs, 1);
  post_to(line, [&] { ++runs; });
  object.reset();
  io.restart();
  io.run();
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace usher::client_net
