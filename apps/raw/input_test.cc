#include "apps/raw/input.h"

#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "apps/raw/pipe_fixture.h"

namespace usher::apps {
namespace {

class InputTest : public testing::Test {
 protected:
  void run() {
    loop.restart();
    loop.run();
  }

  boost::asio::io_context loop;
  Pipe pipe;
  std::vector<std::string> read, ends;
  Input input{loop,
              pipe.read_end(),
              {.on_bytes = [this](std::string_view bytes) { read.emplace_back(bytes); },
               .on_end = [this](std::string error) { ends.push_back(std::move(error)); }}};
};

TEST_F(InputTest, EachReadLeadsToOneEventAndTheEndComesOnce) {
  ASSERT_TRUE(pipe.put("one"));
  input.read();
  input.read();  // is under way
  run();
  EXPECT_EQ(read, std::vector<std::string>{"one"});
  ASSERT_TRUE(pipe.put("two"));
  EXPECT_EQ(read.size(), 1u) << "read only when it is wanted";
  pipe.close_write();
  for (int i = 0; i < 3; ++i) {
    input.read();
    run();
  }
  EXPECT_EQ(read, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(ends, std::vector<std::string>{""});
}

TEST_F(InputTest, ABrokenDescriptorEndsItWithTheReason) {
  Input broken(loop, pipe.write_end(),  // which cannot be read
               {.on_bytes = [](std::string_view) {},
                .on_end = [this](std::string error) { ends.push_back(std::move(error)); }});
  pipe.close_read();  // or it would never be ready
  broken.read();
  run();
  EXPECT_EQ(ends, std::vector<std::string>{"Bad file descriptor"});
}

TEST_F(InputTest, AfterCloseThereIsNoEvent) {
  ASSERT_TRUE(pipe.put("one"));
  input.read();
  input.close();
  input.read();
  run();
  EXPECT_TRUE(read.empty());
  EXPECT_TRUE(ends.empty());
}

}  // namespace
}  // namespace usher::apps
