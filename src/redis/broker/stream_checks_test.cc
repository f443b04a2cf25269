#include "redis/broker/stream_checks.h"

#include <gtest/gtest.h>

#include "redis/broker/message.h"
#include "support/manual_commands.h"
#include "support/seeded_entropy.h"

namespace usher::redis {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

// An answer of the script `page`.
Reply page(std::uint64_t last, const std::vector<std::uint64_t>& offsets, bool more = false,
           const std::string& gap = "none", const std::string& owner = "") {
  std::vector<Reply> entries;
  for (const std::uint64_t offset : offsets) {
    entries.push_back(Reply::of(std::to_string(offset) + "-0"));
    entries.push_back(Reply::of(encode_publication({.channel = "a", .data = "1"})));
  }
  return Reply::of({Reply::of("e"), Reply::of(static_cast<std::int64_t>(last)), Reply::of(gap),
                    Reply::of(std::int64_t{more}), Reply::of(std::move(entries)),
                    Reply::of(owner)});
}

class StreamChecksTest : public testing::Test, protected StreamChecks::Listener {
 protected:
  void on_begun(FeedChannel& channel, bool ok) override {
    log.push_back(*channel.name + (ok ? " begun" : " not begun"));
  }
  void on_compared(FeedChannel& channel, StreamTracker::Caught caught,
                   const std::optional<hub::Owner>& owner) override {
    std::string text = *channel.name + (caught.lost ? " lost" : "");
    for (const auto& publication : caught.publications) {
      text += " " + std::to_string(publication->offset);
    }
    if (caught.again) text += " again";
    if (owner) text += " of " + owner->user;
    log.push_back(text);
  }

  FeedChannel& add(const std::string& name) {
    FeedChannel& channel = channels.add(name).first;
    channel.options = &options;
    return channel;
  }
  // Adds a channel whose stream is at offset 5.
  FeedChannel& begun(const std::string& name) {
    FeedChannel& channel = add(name);
    checks.begin(channel);
    commands.answer(page(5, {}));
    log.clear();
    return channel;
  }
  void queue_all(const Texts& to_queue) {
    for (const std::string& name : to_queue) begun(name);
    for (const std::string& name : to_queue) checks.queue(*channels.find(name));
  }
  // Returns the names of the channels with an open call, in the order of the calls.
  Texts asked() const {
    Texts asked_names;
    for (const auto& call : commands.calls) {
      EXPECT_EQ(call.script, &scripts.page);
      for (const std::string& name : all_names) {
        if (call.keys.front() == names.channel(name)) asked_names.push_back(name);
      }
    }
    return asked_names;
  }

  const Texts all_names{"a", "b", "c", "d", "e"};
  const Names names{"usher:"};
  const BrokerScripts scripts;
  test::ManualCommands commands;
  test::SeededEntropy entropy;
  hub::NamespaceOptions options{.history_size = 10, .history_ttl = 1min};
  FeedChannels channels{SipKey{}};
  StreamChecks checks{{.checks_max = 2, .page_max = 3, .checked_in_rounds = 2},
                      {names, scripts, commands, entropy},
                      channels,
                      *this};
  Texts log;
};

TEST_F(StreamChecksTest, AStreamBeginsAtItsPosition) {
  FeedChannel& channel = add("a");
  checks.begin(channel);
  EXPECT_EQ(log, Texts{});
  commands.answer(page(5, {}));
  EXPECT_EQ(log, Texts{"a begun"});
  EXPECT_EQ(channel.tracker.last(), (hub::Position{5, "e"}));
  EXPECT_EQ(asked(), Texts{});
}

TEST_F(StreamChecksTest, WithoutAPositionAStreamDoesNotBegin) {
  checks.begin(add("a"));
  commands.fail();
  checks.begin(add("a"));
  commands.answer(Reply::error("OOM no memory"));
  EXPECT_EQ(log, (Texts{"a not begun", "a not begun"}));
  checks.tick();
  checks.run();
  EXPECT_EQ(asked(), Texts{}) << "it has no turn";
}

TEST_F(StreamChecksTest, AChannelThatMissedMessagesBeforeItsPositionIsComparedAtOnce) {
  FeedChannel& channel = add("a");
  channel.suspect = true;
  checks.begin(channel);
  commands.answer(page(5, {}));
  EXPECT_EQ(asked(), Texts{"a"});
}

TEST_F(StreamChecksTest, MissingPublicationsAreFetched) {
  checks.queue(begun("a"));
  checks.run();
  const auto& words = commands.calls.front().words;
  const auto since = std::find(words.begin(), words.end(), "e");
  ASSERT_NE(since, words.end());
  EXPECT_EQ(*(since + 1), "5") << "what follows the last delivered one";
  commands.answer(page(7, {6, 7}));
  EXPECT_EQ(log, Texts{"a 6 7"});
  EXPECT_EQ(asked(), Texts{});
}

TEST_F(StreamChecksTest, AStreamIsAskedForUntilNothingIsLeft) {
  checks.queue(begun("a"));
  checks.run();
  commands.answer(page(9, {6, 7, 8}, true));
  EXPECT_EQ(log, Texts{"a 6 7 8 again"});
  EXPECT_EQ(asked(), Texts{"a"});
  commands.answer(page(9, {9}));
  EXPECT_EQ(log.back(), "a 9");
  EXPECT_EQ(asked(), Texts{});
}

TEST_F(StreamChecksTest, AGapIsALoss) {
  checks.queue(begun("a"));
  checks.run();
  commands.answer(page(9, {8, 9}, false, "trimmed"));
  EXPECT_EQ(log, Texts{"a lost"});
}

TEST_F(StreamChecksTest, AnEntryThatCantBeReadIsALoss) {
  checks.queue(begun("a"));
  checks.run();
  Reply answer = page(6, {6});
  answer.items[4].items[1].text = "garbage";
  commands.answer(std::move(answer));
  EXPECT_EQ(log, Texts{"a lost"});
}

TEST_F(StreamChecksTest, AChannelIsQueuedOnce) {
  FeedChannel& channel = begun("a");
  checks.queue(channel);
  checks.queue(channel);
  checks.run();
  checks.queue(channel);
  checks.run();
  EXPECT_EQ(asked(), Texts{"a"});
  commands.answer(page(5, {}));
  checks.queue(channel);
  checks.run();
  EXPECT_EQ(asked(), Texts{"a"}) << "again, when it has been compared";
}

TEST_F(StreamChecksTest, NoMoreThanChecksMaxAreAskedForAtTheSameTime) {
  queue_all({"a", "b", "c", "d"});
  checks.run();
  EXPECT_EQ(asked(), (Texts{"a", "b"}));
  commands.answer(page(5, {}));
  EXPECT_EQ(asked(), (Texts{"b", "c"}));
}

TEST_F(StreamChecksTest, WithoutAnAnswerAllWaitForTheNextTick) {
  queue_all({"a", "b", "c"});
  checks.run();
  commands.fail();
  EXPECT_EQ(asked(), Texts{"b"});
  checks.run();
  EXPECT_EQ(asked(), Texts{"b"});
  commands.answer(page(5, {}));
  EXPECT_EQ(asked(), Texts{});
  checks.resume();
  checks.run();
  EXPECT_EQ(asked(), (Texts{"c", "a"})) << "the failed one is asked for again";
}

TEST_F(StreamChecksTest, EachStreamHasItsTurnOnceInARound) {
  for (const char* const name : {"a", "b", "c"}) begun(name);
  checks.tick();
  EXPECT_EQ(asked(), Texts{}) << "a tick starts nothing";
  checks.run();
  EXPECT_EQ(asked(), (Texts{"a", "b"}));
  commands.answer(page(5, {}));
  commands.answer(page(5, {}));
  channels.erase(*channels.find("c"));
  checks.tick();
  checks.run();
  EXPECT_EQ(asked(), Texts{"a"}) << "the place of the erased one is used up";
}

TEST_F(StreamChecksTest, AnAnswerFromBeforeABindingIsAskedForAgain) {
  options.subscribe = hub::Audience::owner;
  FeedChannel& channel = begun("a");
  checks.queue(channel);
  checks.run();
  channel.bound_since = true;
  commands.answer(page(6, {6}, false, "none", "uada"));
  EXPECT_EQ(log, Texts{});
  EXPECT_EQ(asked(), Texts{"a"});
  commands.answer(page(6, {6}, false, "none", "ubob"));
  EXPECT_EQ(log, Texts{"a 6 of bob"});
}

TEST_F(StreamChecksTest, AnAnswerIsNotTakenForALaterChannelOfTheSameName) {
  FeedChannel& channel = begun("a");
  checks.queue(channel);
  checks.run();
  channels.erase(channel);
  FeedChannel& later = add("a");
  commands.answer(page(6, {6}));
  EXPECT_EQ(log, Texts{});
  EXPECT_EQ(later.tracker.last(), hub::Position());
}

}  // namespace
}  // namespace usher::redis
