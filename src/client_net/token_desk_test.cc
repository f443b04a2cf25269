#include "client_net/token_desk.h"

#include <gtest/gtest.h>

namespace usher::client_net {
namespace {

// Answers when the test says so.
class SlowProvider final : public TokenProvider {
 public:
  void fetch(Freshness wanted, Done done) override {
    fetches.push_back(wanted);
    pending = std::move(done);
  }
  bool cancel() override {
    if (cancellable) pending = nullptr;
    return cancellable;
  }

  std::vector<Freshness> fetches;
  Done pending;
  bool cancellable = false;
};

class TokenDeskTest : public testing::Test {
 protected:
  TokenDeskTest()
      : provider(new SlowProvider),
        desk(std::unique_ptr<TokenProvider>(provider), [this](auto attempt, auto answer) {
          attempts.push_back(attempt);
          last = std::move(answer);
        }) {}
  void answer(const std::string& token) {
    std::exchange(provider->pending, nullptr)(FetchedToken{token, false});
  }

  std::vector<client::Attempt> attempts;
  TokenAnswer last;
  SlowProvider* provider;
  TokenDesk desk;
};

using Fetches = std::vector<Freshness>;
using enum Freshness;
using Attempts = std::vector<client::Attempt>;

TEST_F(TokenDeskTest, ALaterAttemptTakesOverTheFetchOfAnEarlierOne) {
  desk.fetch(1, Freshness::any);
  desk.abort(1);
  desk.fetch(2, Freshness::any);
  EXPECT_EQ(provider->fetches, Fetches{any});
  answer("T");
  EXPECT_EQ(attempts, Attempts{2});
}

TEST_F(TokenDeskTest, ATokenThatMayBeTheRefusedOneDoesNotSatisfyAFreshRequest) {
  desk.fetch(1, Freshness::any);
  desk.abort(1);
  desk.fetch(2, Freshness::fresh);
  answer("old");
  EXPECT_TRUE(attempts.empty());
  EXPECT_EQ(provider->fetches, (Fetches{any, fresh}));
  answer("new");
  EXPECT_EQ(attempts, Attempts{2});
  EXPECT_EQ(std::get<FetchedToken>(last).token, "new");
}

TEST_F(TokenDeskTest, AnAnswerThatNobodyWaitsForIsDropped) {
  desk.fetch(1, Freshness::any);
  desk.abort(1);
  answer("T");
  EXPECT_TRUE(attempts.empty());
  desk.fetch(2, Freshness::any);
  EXPECT_EQ(provider->fetches.size(), 2u);
}

TEST_F(TokenDeskTest, WhatCanBeGivenUpIsBegunAnew) {
  provider->cancellable = true;
  desk.fetch(1, Freshness::any);
  desk.abort(1);
  desk.fetch(2, Freshness::any);
  EXPECT_EQ(provider->fetches.size(), 2u);
}

TEST_F(TokenDeskTest, OneFetchServesAllThatWait) {
  for (const client::Attempt attempt : {1, 2, 3}) desk.fetch(attempt, Freshness::any);
  desk.abort(2);
  EXPECT_EQ(provider->fetches, Fetches{any});
  answer("T");
  EXPECT_EQ(attempts, (Attempts{1, 3}));
}

TEST_F(TokenDeskTest, OnlyThoseThatNeedAFreshTokenWaitForAnother) {
  desk.fetch(1, Freshness::any);
  desk.fetch(2, Freshness::fresh);
  answer("old");
  EXPECT_EQ(attempts, Attempts{1});
  EXPECT_EQ(provider->fetches, (Fetches{any, fresh}));
  answer("new");
  EXPECT_EQ(attempts, (Attempts{1, 2}));
}

TEST_F(TokenDeskTest, AnotherProviderIsAskedForWhatTheFormerOneHasNotAnswered) {
  desk.fetch(1, Freshness::fresh);
  const auto late = std::exchange(provider->pending, nullptr);
  auto* const next = new SlowProvider;
  desk.use(std::unique_ptr<TokenProvider>(next));
  EXPECT_EQ(next->fetches, Fetches{fresh});
  late(FetchedToken{"of the former one", false});
  EXPECT_TRUE(attempts.empty());
  std::exchange(next->pending, nullptr)(FetchedToken{"T", false});
  EXPECT_EQ(attempts, Attempts{1});
  EXPECT_EQ(std::get<FetchedToken>(last).token, "T");
}

TEST_F(TokenDeskTest, ATokenThatCouldForgeAHeaderCountsAsRefused) {
  desk.fetch(1, Freshness::any);
  answer("a\r\nX: y");
  EXPECT_EQ(std::get<client::HttpFailure>(last).status, 401);
}

TEST(FixedTokenProviderTest, GivesTheSameTokenFreshOrNot) {
  FixedTokenProvider provider("T");
  int answers = 0;
  const auto check = [&](TokenAnswer answer) {
    ++answers;
    EXPECT_EQ(std::get<FetchedToken>(answer).token, "T");
    EXPECT_FALSE(std::get<FetchedToken>(answer).cached);
  };
  provider.fetch(Freshness::any, check);
  provider.fetch(Freshness::fresh, check);
  EXPECT_EQ(answers, 2);
}

TEST_F(TokenDeskTest, AFreshTokenIsNoAnswerToWhoWantsARenewedOne) {
  desk.fetch(1, fresh);
  desk.fetch(2, renewed);
  answer("fresh");
  EXPECT_EQ(attempts, Attempts{1});
  EXPECT_EQ(provider->fetches, (Fetches{fresh, renewed}));
  answer("renewed");
  EXPECT_EQ(attempts, (Attempts{1, 2}));
}

TEST(FixedTokenProviderTest, IsNeverRenewed) {
  FixedTokenProvider provider("T");
  TokenAnswer given;
  provider.fetch(renewed, [&](TokenAnswer answer) { given = std::move(answer); });
  EXPECT_EQ(std::get<client::HttpFailure>(given).status, 401);
}

}  // namespace
}  // namespace usher::client_net
