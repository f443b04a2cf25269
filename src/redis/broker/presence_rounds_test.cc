#include "redis/broker/presence_rounds.h"

#include <gtest/gtest.h>

namespace usher::redis {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

struct Rounds {
  PresenceRounds rounds{20s};
  TimePoint now{};

  Texts due() {
    Texts told;
    rounds.due(now, [&](const std::string& channel, const PresenceRounds::Clients& clients) {
      std::string text = channel;
      for (const auto& [client, info] : clients) text.append(" ").append(client).append(info);
      told.push_back(text);
    });
    return told;
  }
};

TEST(PresenceRounds, EachChannelComesOnceInARound) {
  Rounds r;
  r.rounds.add("a", "c1", "=1", r.now);
  r.rounds.add("a", "c2", "=2", r.now);
  r.now += 5s;
  r.rounds.add("b", "c1", "=3", r.now);
  r.now += 15s - 1ns;
  EXPECT_EQ(r.due(), Texts{});
  r.now += 1ns;
  EXPECT_EQ(r.due(), Texts{"a c1=1 c2=2"});
  EXPECT_EQ(r.due(), Texts{});
  r.now += 5s;
  EXPECT_EQ(r.due(), Texts{"b c1=3"});
  r.now += 15s;
  EXPECT_EQ(r.due(), Texts{"a c1=1 c2=2"});
}

TEST(PresenceRounds, ARemovedClientIsNotToldAgain) {
  Rounds r;
  EXPECT_TRUE(r.rounds.add("a", "c1", "=1", r.now));
  EXPECT_FALSE(r.rounds.add("a", "c1", "=new", r.now));
  r.rounds.add("a", "c2", "=2", r.now);
  r.rounds.add("b", "c1", "=1", r.now);
  r.rounds.remove("a", "c2");
  r.rounds.remove("b", "c1");
  r.rounds.remove("b", "c1");
  EXPECT_EQ(r.rounds.channels(), 1u);
  r.now += 20s;
  EXPECT_EQ(r.due(), Texts{"a c1=new"});
}

TEST(PresenceRounds, AChannelThatCameBackHasOneTurn) {
  Rounds r;
  r.rounds.add("a", "c1", "=1", r.now);
  r.rounds.remove("a", "c1");
  r.now += 5s;
  r.rounds.add("a", "c1", "=1", r.now);
  r.now += 15s;
  EXPECT_EQ(r.due(), Texts{});
  r.now += 5s;
  EXPECT_EQ(r.due(), Texts{"a c1=1"});
}

}  // namespace
}  // namespace usher::redis
