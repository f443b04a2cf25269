// What a broker promises of channels that the backend binds to one session or user.
#include "contract/broker_contract.h"

namespace usher::test {
namespace {

using namespace std::chrono_literals;
using hub::Owner;
using Offsets = std::vector<std::uint64_t>;
using Texts = std::vector<std::string>;

TEST_P(BrokerContract, ABindingIsKnownEverywhereUntilItsTtl) {
  EXPECT_EQ(*owner("job:1", last_shard()), std::nullopt);
  EXPECT_TRUE(bind("job:1", Owner{"s1", ""}, 10s));
  EXPECT_EQ(*owner("job:1", last_shard()), (Owner{"s1", ""}));
  for (std::size_t shard = 0; shard <= last_shard(); ++shard) {
    ASSERT_EQ(sink(shard).bound.size(), 1u);
    EXPECT_EQ(sink(shard).bound[0], (std::pair<std::string, Owner>("job:1", {"s1", ""})));
  }
  harness->advance(10s - harness->resolution());
  EXPECT_NE(*owner("job:1"), std::nullopt);
  harness->advance(harness->resolution());
  EXPECT_EQ(*owner("job:1"), std::nullopt);
}

TEST_P(BrokerContract, ASecondBindingReplacesTheFirst) {
  EXPECT_TRUE(bind("job:1", Owner{"s1", ""}));
  EXPECT_TRUE(bind("job:1", Owner{"", "ada"}, 1h, last_shard()));
  EXPECT_EQ(*owner("job:1"), (Owner{"", "ada"}));
  EXPECT_EQ(sink(0).bound.size(), 2u);
}

TEST_P(BrokerContract, ANewOwnerGetsNothingThatWasPublishedForAnother) {
  ASSERT_TRUE(publish("job:1", "1"));
  EXPECT_TRUE(bind("job:1", Owner{"s1", ""}, 10s));
  ASSERT_TRUE(publish("job:1", "2"));
  EXPECT_TRUE(bind("job:1", Owner{"s1", ""}, 10s));
  EXPECT_EQ(offsets_of(history("job:1")->publications), (Offsets{1, 2})) << "still the same owner";
  harness->advance(10s);
  ASSERT_TRUE(publish("job:1", "3"));
  EXPECT_TRUE(bind("job:1", Owner{"s2", ""}));
  EXPECT_EQ(offsets_of(history("job:1")->publications), Offsets{});
  ASSERT_TRUE(publish("job:1", "4"));
  EXPECT_EQ(offsets_of(history("job:1")->publications), Offsets{4});
}

TEST_P(BrokerContract, ABindingNamesExactlyOneOwnerAndATime) {
  EXPECT_EQ(bind("job:1", Owner{"", ""}).error(), Error::bad_request);
  EXPECT_EQ(bind("job:1", Owner{"s1", "ada"}).error(), Error::bad_request);
  EXPECT_EQ(bind("job:1", Owner{"s1", ""}, 0s).error(), Error::bad_request);
  EXPECT_EQ(*owner("job:1"), std::nullopt);
}

TEST_P(BrokerContract, OnlyOwnerNamespacesAreBound) {
  EXPECT_EQ(bind("live:1", Owner{"s1", ""}).error(), Error::not_available);
  EXPECT_EQ(bind("user:ada", Owner{"s1", ""}).error(), Error::not_available);
  EXPECT_EQ(sink(0).bound.size(), 0u);
}

TEST_P(BrokerContract, EveryShardHearsOfABindingBeforeWhatIsPublishedAfterIt) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    start(seed);
    subscribe_everywhere("job:1");
    broker(seed).bind("job:1", Owner{"s1", ""}, 1h, [&](auto told) {
      EXPECT_TRUE(told);
      broker(seed).publish({.channel = "job:1", .data = "1"}, [](auto) {});
    });
    harness->settle();
    for (std::size_t shard = 0; shard <= last_shard(); ++shard) {
      EXPECT_EQ(sink(shard).events, (Texts{"bound job:1", "delivery job:1"}));
    }
  }
}

}  // namespace
}  // namespace usher::test
