#include "hub/subscriber_index.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "support/hub_cluster.h"

namespace usher::hub {
namespace {

using test::TestSubscriber;

class SubscriberIndexTest : public testing::Test {
 protected:
  void add(TestSubscriber& who) {
    hub_side(who).client = ClientId::random(entropy);
    index.add(who);
  }
  std::set<Subscriber*> of_session(std::string_view session) {
    std::set<Subscriber*> found;
    for (auto* s = index.of_session(session); s != nullptr;
         s = SubscriberIndex::next_of_session(*s)) {
      found.insert(s);
    }
    return found;
  }
  std::set<Subscriber*> of_user(std::string_view user) {
    std::set<Subscriber*> found;
    for (auto* s = index.of_user(user); s != nullptr; s = SubscriberIndex::next_of_user(*s))
      found.insert(s);
    return found;
  }
  using Found = std::set<Subscriber*>;

  test::SeededEntropy entropy;
  SubscriberIndex index{entropy};
};

TEST_F(SubscriberIndexTest, FindsByClientSessionAndUser) {
  TestSubscriber a("s1", "ada"), b("s1", "ada"), c("s2", "ada"), d("s3");
  for (auto* who : {&a, &b, &c, &d}) add(*who);
  EXPECT_EQ(index.find(b.client()), &b);
  EXPECT_EQ(of_session("s1"), (Found{&a, &b}));
  EXPECT_EQ(of_user("ada"), (Found{&a, &b, &c}));
  EXPECT_EQ(of_user(""), Found{}) << "guests have no user";
  EXPECT_EQ(of_session("s4"), Found{});
  index.remove(a);  // the first of both lists
  EXPECT_EQ(of_session("s1"), Found{&b});
  EXPECT_EQ(of_user("ada"), (Found{&b, &c}));
  EXPECT_EQ(index.find(a.client()), nullptr);
  for (auto* who : {&b, &c, &d}) index.remove(*who);
  EXPECT_EQ(index.size(), 0u);
  EXPECT_EQ(index.of_session("s1"), nullptr);
}

TEST_F(SubscriberIndexTest, AUserMayComeLater) {
  TestSubscriber a("s1");
  add(a);
  index.remove_user(a);
  a.user = "ada";
  index.add_user(a);
  EXPECT_EQ(of_user("ada"), Found{&a});
  EXPECT_EQ(of_session("s1"), Found{&a});
  index.remove(a);
}

TEST_F(SubscriberIndexTest, ListsHoldUnderRandomComingAndGoing) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::vector<std::unique_ptr<TestSubscriber>> all;
    for (int i = 0; i < 60; ++i) {
      all.push_back(std::make_unique<TestSubscriber>(
          "s" + std::to_string(i % 7), i % 3 == 0 ? "" : "u" + std::to_string(i % 5)));
    }
    std::set<TestSubscriber*> in;
    for (int step = 0; step < 2000; ++step) {
      TestSubscriber& who = *all[random() % all.size()];
      if (in.insert(&who).second) {
        add(who);
      } else {
        index.remove(who);
        in.erase(&who);
      }
      Found session, user;
      for (auto* there : in) {
        if (there->session == who.session) session.insert(there);
        if (!who.user.empty() && there->user == who.user) user.insert(there);
      }
      ASSERT_EQ(of_session(who.session), session);
      ASSERT_EQ(of_user(who.user), user);
      ASSERT_EQ(index.size(), in.size());
    }
    for (auto* there : in) index.remove(*there);
  }
}

}  // namespace
}  // namespace usher::hub
