#include "hub/subscription_pushes.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/hub_cluster.h"

namespace usher::hub {
namespace {

using test::TestSubscriber;
using Told = std::vector<std::string>;

TEST(SubscriptionPushesTest, AnUnsubscribePushHasCodeAndReason) {
  TestSubscriber one("s1");
  push_unsubscribe(one, "news:1", kNeverBound);
  EXPECT_EQ(
      one.take(),
      Told{
          R"({"push":{"channel":"news:1","unsubscribe":{"code":2101,"reason":"not bound in time"}}})"});
}

TEST(SubscriptionPushesTest, ASubscribePushNamesThePositionBeforeThePublicationsThatFollow) {
  auto missed = std::make_shared<Publication>();
  missed->offset = 7;
  missed->data = "7";
  TestSubscriber one("s1");
  push_subscribed(one, "news:1",
                  {.recoverable = true,
                   .positioned = true,
                   .position = {7, "e"},
                   .was_recovering = true,
                   .recovered = true,
                   .publications = {missed}});
  EXPECT_EQ(one.take(),
            Told{R"({"push":{"channel":"news:1","subscribe":{"recoverable":true,"epoch":"e",)"
                 R"("recovered":true,"offset":6,"positioned":true,"was_recovering":true}}})"
                 "\n"
                 R"({"push":{"channel":"news:1","pub":{"data":7,"offset":7}}})"});
}

}  // namespace
}  // namespace usher::hub
