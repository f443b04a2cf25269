#include "apps/raw/output.h"

#include <csignal>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "apps/raw/pipe_fixture.h"

namespace usher::apps {
namespace {

class OutputTest : public testing::Test {
 protected:
  OutputTest() { std::signal(SIGPIPE, SIG_IGN); }  // as main() does

  // Until nothing more can be done now.
  void settle() {
    loop.restart();
    while (loop.poll_one() > 0) {
    }
  }

  boost::asio::io_context loop;
  Pipe pipe;
  int drained = 0, failed = 0;
  Output output{loop,
                pipe.write_end(),
                {.on_drained = [this] { ++drained; }, .on_failed = [this] { ++failed; }}};
};

TEST_F(OutputTest, WritesInOrderAndSaysWhenNothingWaits) {
  output.write("one ");
  output.write("");
  output.write("two");
  EXPECT_EQ(output.waiting_bytes(), 7u);
  settle();
  EXPECT_EQ(pipe.take(100), "one two");
  EXPECT_EQ(output.waiting_bytes(), 0u);
  EXPECT_EQ(drained, 1);
}

TEST_F(OutputTest, AFullPipeBlocksNothingAndGetsTheRestLater) {
  const std::string much(1 << 20, 'x');
  output.write(much);
  settle();
  EXPECT_GT(output.waiting_bytes(), much.size() / 2);
  EXPECT_EQ(drained, 0);
  std::size_t got = 0;
  while (got < much.size()) {
    got += pipe.take(1 << 16).size();
    settle();
  }
  EXPECT_EQ(output.waiting_bytes(), 0u);
  EXPECT_EQ(drained, 1);
}

TEST_F(OutputTest, WithoutAReaderItFailsOnceAndDropsWhatWaits) {
  pipe.close_read();
  output.write("one");
  output.write("two");
  settle();
  output.write("three");
  settle();
  EXPECT_EQ(failed, 1);
  EXPECT_EQ(output.waiting_bytes(), 0u);
}

TEST_F(OutputTest, AbandonedItWritesNothingMore) {
  output.write("one");
  output.abandon();
  output.write("two");
  loop.run();  // ends, for nothing is left to do
  EXPECT_EQ(output.waiting_bytes(), 0u);
  pipe.close_write();
  EXPECT_EQ(pipe.take(100), "");
}

}  // namespace
}  // namespace usher::apps
