#include "hub/subscribe_operations.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/hub_cluster.h"
#include "support/print_result.h"
#include "support/seeded_entropy.h"

namespace usher::hub {
namespace {

using test::HubCluster;
using test::TestSubscriber;

// As Subscribing does: an operation that is settled calls its handler.
class SubscribeOperationsTest : public testing::Test, public SubscribeOperations::Listener {
 protected:
  void SetUp() override {
    operations.attach(*this);
    cluster.join(one);
    cluster.join(two);
  }
  void on_settled(SubscribeOperation operation) override {
    EXPECT_EQ(operations.find(operation.key), nullptr) << "it is in the table no more";
    operation.done(std::move(operation.outcomes));
  }
  SubscribeOperation::Done note() {
    return [this](Joined joined) { settled.push_back(std::move(joined)); };
  }

  HubCluster cluster{{}};
  TestSubscriber one{"s1"};
  TestSubscriber two{"s2"};
  SubscribeOperations operations{100};
  std::vector<Joined> settled;
};

TEST_F(SubscribeOperationsTest, TheLastOutcomeSettlesAndNoneBefore) {
  SubscribeOperation& operation = operations.open(one, note());
  const SubscribeOperation::Key key = operation.key;
  EXPECT_EQ(operation.add("a"), 0u);
  EXPECT_EQ(operation.add("b"), 1u);
  operation.waiting += 2;
  operation.refuse(1, Error::limit_exceeded);
  operations.settle(key);
  operations.settle(key);
  EXPECT_TRUE(settled.empty());
  EXPECT_EQ(operations.find(key), &operation);
  operations.settle(key);
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_EQ(settled[0][0].channel, "a");
  EXPECT_TRUE(settled[0][0].outcome);
  EXPECT_EQ(settled[0][1].outcome.error(), Error::limit_exceeded);
  EXPECT_EQ(operations.size(), 0u);
}

TEST_F(SubscribeOperationsTest, ASubscriptionIsFoundByItsOperation) {
  SubscribeOperation& first = operations.open(one, note());
  SubscribeOperation& second = operations.open(one, note());
  PendingSubscription entry;
  entry.subscriber = &one;
  EXPECT_EQ(operations.of(entry), nullptr) << "no operation waits for it";
  entry.operation = second.key.second;
  EXPECT_EQ(operations.of(entry), &second);
  EXPECT_NE(first.key, second.key);
  entry.subscriber = &two;
  EXPECT_EQ(operations.of(entry), nullptr) << "it is another client's";
}

TEST_F(SubscribeOperationsTest, AJoinIsTheFirstOperationOfAClient) {
  operations.open(two, note()).joins = true;
  EXPECT_EQ(operations.join_of(one.client()), nullptr);
  SubscribeOperation& join = operations.open(one, note());
  join.joins = true;
  operations.open(one, note());
  EXPECT_EQ(operations.join_of(one.client()), &join);
  operations.settle(join.key);
  EXPECT_EQ(operations.join_of(one.client()), nullptr);
}

TEST_F(SubscribeOperationsTest, OperationsOfAClientThatLeavesAreDestroyedUncalled) {
  operations.open(one, note());
  operations.open(one, note());
  const SubscribeOperation::Key key = operations.open(two, note()).key;
  operations.forget(one.client());
  EXPECT_EQ(operations.size(), 1u);
  EXPECT_TRUE(settled.empty());
  operations.settle(key);
  EXPECT_EQ(settled.size(), 1u);
}

TEST_F(SubscribeOperationsTest, RecoveriesShareTheOperationsBytesAndTheOutboxsRoom) {
  SubscribeOperation& operation = operations.open(one, note());
  EXPECT_EQ(operation.recovery_bytes_left(), 100u);
  one.room = 60;
  EXPECT_EQ(operation.recovery_bytes_left(), 60u);
  operation.take_recovery_bytes(70);
  EXPECT_EQ(operation.recovery_bytes_left(), 30u);
  operation.take_recovery_bytes(70);
  EXPECT_EQ(operation.recovery_bytes_left(), 0u);
}

}  // namespace
}  // namespace usher::hub
