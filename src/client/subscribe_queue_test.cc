#include "client/subscribe_queue.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace usher::client {
namespace {

using namespace std::chrono_literals;

class SubscribeQueueTest : public testing::Test {
 protected:
  Channel& channel(const std::string& name) { return table.know(name, true); }
  // The commands that are sent now.
  std::vector<std::string> asked() {
    Output out;
    queue.ask_on(out);
    std::vector<std::string> commands;
    for (const Effect& effect : out.effects)
      commands.push_back(json::serialize(std::get<Send>(effect).data));
    return commands;
  }
  using Commands = std::vector<std::string>;

  ChannelTable table;
  SubscribeQueue queue;
  Instant now{};
};

TEST_F(SubscribeQueueTest, AChannelIsAskedForOnceUntilItsCommandIsAnswered) {
  queue.add(channel("a"));
  queue.add(channel("a"));
  EXPECT_EQ(asked(), (Commands{R"({"id":1,"subscribe":{"channel":"a"}})"}));
  EXPECT_EQ(queue.asked_with(1), &channel("a"));
  queue.add(channel("a"));
  EXPECT_EQ(asked(), Commands{});
  queue.answered(1);
  EXPECT_EQ(queue.asked_with(1), nullptr);
}

TEST_F(SubscribeQueueTest, APositionTravelsWithTheCommand) {
  channel("a").epoch = "e";
  queue.add(channel("a"));
  EXPECT_EQ(asked(), (Commands{R"({"id":1,"subscribe":{"channel":"a","recover":true,)"
                               R"("epoch":"e","offset":0}})"}));
}

TEST_F(SubscribeQueueTest, NoMoreCommandsThanTheLimitWaitForTheirAnswers) {
  for (int i = 0; i < 70; ++i) queue.add(channel(std::to_string(i)));
  EXPECT_EQ(asked().size(), SubscribeQueue::kUnderWayMax);
  EXPECT_EQ(asked().size(), 0u);
  queue.answered(3);
  EXPECT_EQ(asked().size(), 1u);
}

TEST_F(SubscribeQueueTest, TheDelayDoublesUntilACommandSucceeds) {
  for (const Millis delay : {500ms, 1000ms, 2000ms, 4000ms, 5000ms, 5000ms}) {
    queue.put_off(channel("a"), {});
    ASSERT_EQ(queue.due(), now + delay);
    queue.set_now(now += delay - 1ms);
    EXPECT_FALSE(queue.tick());
    queue.set_now(now += 1ms);
    EXPECT_TRUE(queue.tick());
    EXPECT_FALSE(queue.due());
  }
  queue.succeeded();
  queue.put_off(channel("a"), {});
  EXPECT_EQ(queue.due(), now + 500ms);
}

TEST_F(SubscribeQueueTest, TooManyRequestsHoldsAllCommandsBack) {
  queue.put_off(channel("a"), {{"code", SubscribeQueue::kTooManyRequests}});
  queue.add(channel("b"));
  queue.clear_put_off();
  EXPECT_EQ(asked().size(), 0u);
  ASSERT_TRUE(queue.due());
  queue.set_now(*queue.due());
  EXPECT_TRUE(queue.tick());
  EXPECT_EQ(asked().size(), 1u);
}

TEST_F(SubscribeQueueTest, AForgottenChannelIsNowhere) {
  for (const char* name : {"asked", "queued", "late"}) channel(name);
  queue.add(channel("asked"));
  asked();
  queue.add(channel("queued"));
  queue.put_off(channel("late"), {});
  for (const char* name : {"asked", "queued", "late"}) {
    queue.forget(*table.find(name));
    table.forget(*table.find(name));
  }
  EXPECT_EQ(queue.asked_with(1), nullptr);
  queue.set_now(*queue.due());
  EXPECT_TRUE(queue.tick());
  EXPECT_EQ(asked(), Commands{});
}

TEST_F(SubscribeQueueTest, ANewConnectionBeginsWithItsOwnIdsAndNothingToAsk) {
  queue.add(channel("a"));
  asked();
  queue.add(channel("b"));
  queue.lost();
  queue.begin();
  EXPECT_EQ(asked(), Commands{});
  EXPECT_EQ(queue.asked_with(1), nullptr);
  queue.add(channel("b"));
  EXPECT_EQ(asked(), (Commands{R"({"id":1,"subscribe":{"channel":"b"}})"}));
}

}  // namespace
}  // namespace usher::client
