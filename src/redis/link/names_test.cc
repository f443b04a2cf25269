#include "redis/link/names.h"

#include <gtest/gtest.h>

#include <set>

namespace usher::redis {
namespace {

const Names kNames("usher:");

TEST(Names, KeysOfAChannelShareItsHashTag) {
  EXPECT_EQ(kNames.channel("orders:42"), "usher:channel:{orders:42}");
  EXPECT_EQ(kNames.stream("orders:42"), "usher:stream:{orders:42}");
  EXPECT_EQ(kNames.owner("orders:42"), "usher:owner:{orders:42}");
  EXPECT_EQ(kNames.present("orders:42"), "usher:present:{orders:42}");
  EXPECT_EQ(kNames.present_until("orders:42"), "usher:present-until:{orders:42}");
  EXPECT_EQ(kNames.once("orders:42", "k"),
            "usher:once:{orders:42}:"
            "8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a");
}

TEST(Names, NoChannelCanTakeAnothersKey) {
  std::set<std::string> all;
  for (const std::string channel : {"a", "a}", "{a}", "a}:{b", "channel:{a}", "stream:{a"}) {
    for (auto name : {kNames.channel(channel), kNames.stream(channel), kNames.owner(channel),
                      kNames.present(channel), kNames.present_until(channel),
                      kNames.once(channel, "k"), kNames.messages(channel)}) {
      EXPECT_TRUE(all.insert(name).second) << name;
    }
  }
}

TEST(Names, AMessagesChannelIsFoundAgainWhateverItsName) {
  for (const std::string channel : {"orders:42", "a}", "}", "session:s {1}", "messages:{a}"}) {
    EXPECT_EQ(kNames.channel_of_messages(kNames.messages(channel)), channel);
  }
  for (const std::string other : {"usher:messages:{", "usher:messages:", "usher:stream:{a}", "",
                                  "other:messages:{a}", "usher:messages:{a}b"}) {
    EXPECT_EQ(kNames.channel_of_messages(other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace usher::redis
