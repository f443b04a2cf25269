#include "hub/pointer_table.h"

#include <memory>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

struct Thing {
  std::uint64_t key;
};

// A bad hash on purpose: long runs, many collisions.
struct BadHash {
  using Key = std::uint64_t;
  Key key(const Thing& thing) const { return thing.key; }
  std::size_t hash(Key key) const { return key / 4; }
};

TEST(PointerTableTest, FindsWhatIsInItAndNothingElse) {
  PointerTable<Thing, BadHash> table;
  EXPECT_EQ(table.find(1), nullptr);
  Thing one{1};
  Thing other_one{1};
  table.insert(one);
  EXPECT_EQ(table.find(1), &one);
  EXPECT_EQ(table.find(2), nullptr);
  table.replace(one, other_one);
  EXPECT_EQ(table.find(1), &other_one);
  table.erase(other_one);
  EXPECT_EQ(table.find(1), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

TEST(PointerTableTest, BehavesLikeASetUnderRandomUse) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::vector<std::unique_ptr<Thing>> things;
    for (std::uint64_t key = 0; key < 200; ++key)
      things.push_back(std::make_unique<Thing>(Thing{key * 3}));
    PointerTable<Thing, BadHash> table;
    std::set<std::uint64_t> model;
    for (int step = 0; step < 3000; ++step) {
      // Grows for a while, then shrinks.
      Thing& thing = *things[random() % things.size()];
      const bool add = random() % 100 < (step < 1500 ? 70u : 30u);
      if (add && model.insert(thing.key).second) table.insert(thing);
      if (!add && model.erase(thing.key) == 1) table.erase(thing);
      ASSERT_EQ(table.size(), model.size());
      const std::uint64_t key = random() % 600;
      Thing* const found = table.find(key);
      ASSERT_EQ(found != nullptr, model.contains(key));
      ASSERT_TRUE(found == nullptr || found->key == key);
    }
    std::set<std::uint64_t> visited;
    table.for_each([&](Thing& thing) { visited.insert(thing.key); });
    EXPECT_EQ(visited, model);
  }
}

}  // namespace
}  // namespace usher::hub
