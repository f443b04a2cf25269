#include "hub/holders.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

class HoldersTest : public testing::Test {
 protected:
  Identity identity() const {
    return {.session = "s1", .user = "ada", .channel_patterns = patterns};
  }
  Holders permitted(std::string_view channel, Holders holders) const {
    return hub::permitted(rules, identity(), channel, holders);
  }
  Verdict verdict(std::string_view channel, Holders holders) const {
    return hub::verdict(rules, identity(), channel, holders);
  }

  const Holders all{.client = true, .wish = true, .token = true, .backend = true};
  std::vector<std::string> patterns{"named:1", "named:b*"};
  const ChannelRules rules{{.namespaces = {{.name = "open", .subscribe = Audience::anyone},
                                           {.name = "named"},
                                           {.name = "job", .subscribe = Audience::owner}},
                            .unconfigured = {}}};
};

TEST_F(HoldersTest, ATokenHoldsOnlyWhatItNamesExactly) {
  EXPECT_EQ(permitted("named:1", all), all);
  EXPECT_EQ(permitted("named:b2", all), (Holders{.client = true, .wish = true, .backend = true}));
  EXPECT_EQ(permitted("open:1", all), (Holders{.client = true, .wish = true, .backend = true}));
  EXPECT_EQ(verdict("open:1", {.token = true}), Verdict::denied);
  EXPECT_EQ(verdict("open:1", {.client = true}), Verdict::allowed);
}

TEST_F(HoldersTest, WithoutTheClientsRightOnlyTheBackendIsLeft) {
  EXPECT_EQ(permitted("named:2", all), (Holders{.backend = true}));
  EXPECT_EQ(verdict("named:2", {.client = true}), Verdict::token_decides);
  EXPECT_EQ(verdict("named:2", {.backend = true}), Verdict::allowed);
}

TEST_F(HoldersTest, PersonalChannelsAreTheirOwnersAndNoBackendHoldsThem) {
  EXPECT_EQ(permitted("session:s1", all), (Holders{.client = true, .wish = true, .token = true}));
  EXPECT_EQ(permitted("user:bob", all), Holders{});
  EXPECT_EQ(verdict("session:s1", {.backend = true}), Verdict::denied);
}

TEST_F(HoldersTest, WhereAnOwnerDecidesEachHolderWaitsForIt) {
  EXPECT_EQ(permitted("job:1", {.client = true, .backend = true}),
            (Holders{.client = true, .backend = true}));
  EXPECT_EQ(verdict("job:1", {.client = true}), Verdict::owner_decides);
  EXPECT_EQ(verdict("job:1", {.backend = true}), Verdict::owner_decides);
}

TEST_F(HoldersTest, AChannelThatDoesNotExistIsHeldByNone) {
  EXPECT_EQ(permitted("other:1", all), Holders{});
  EXPECT_EQ(verdict("other:1", {.client = true}), Verdict::unknown);
  EXPECT_EQ(verdict("other:1", {.backend = true}), Verdict::unknown);
  EXPECT_EQ(verdict("bad name", {.backend = true}), Verdict::malformed);
}

TEST_F(HoldersTest, AddKeepsTheHoldersThatAreThere) {
  Holders holders{.client = true};
  EXPECT_TRUE(holders.any());
  holders.add({.backend = true});
  EXPECT_EQ(holders, (Holders{.client = true, .backend = true}));
  EXPECT_FALSE(Holders{}.any());
}

}  // namespace
}  // namespace usher::hub
