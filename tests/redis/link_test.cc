#include "redis/link_fixture.h"

namespace usher::redis {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

TEST_F(LinkTest, AnswersComeInTheOrderOfTheCallsAndNeverInline) {
  Link& l = up();
  std::vector<std::string> told;
  for (const char* word : {"a", "b", "c"}) {
    l.call({"ECHO", word}, [&told](auto reply) { told.push_back(reply->text); });
  }
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(l.counts().in_flight, 3u);
  ASSERT_TRUE(loop.run_until([&] { return told.size() == 3; }));
  EXPECT_EQ(told, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(l.counts().in_flight, 0u);
}

TEST_F(LinkTest, CommandsOfOneTurnLeaveInOneWrite) {
  Link& l = up();
  const auto reads = [&] {
    const std::string info = server().call({"INFO", "stats"}).text;
    const auto at = info.find("total_reads_processed:");
    return std::stoi(info.substr(at + 22));
  };
  const int before = reads();
  int answers = 0;
  for (int i = 0; i < 100; ++i) l.call({"PING"}, [&](auto) { ++answers; });
  ASSERT_TRUE(loop.run_until([&] { return answers == 100; }));
  EXPECT_LE(reads() - before, 3);  // the commands' one, the second question's, the first one's end
}

TEST_F(LinkTest, KnowsTheRunOfTheServerThatItSpeaksTo) {
  Link& l = up();
  const std::string info = server().call({"INFO", "server"}).text;
  EXPECT_EQ(l.run_id().size(), 40u);
  EXPECT_NE(info.find("run_id:" + std::string(l.run_id())), std::string::npos);
  EXPECT_EQ(l.connection(), 1u);
  const std::string first(l.run_id());
  server().kill();
  ASSERT_TRUE(loop.run_until([&] { return !l.is_up(); }));
  EXPECT_EQ(l.run_id(), "");
  EXPECT_EQ(l.connection(), 0u);
  server().start();
  ASSERT_TRUE(loop.run_until([&] { return l.is_up(); }));
  EXPECT_NE(l.run_id(), first);
  EXPECT_EQ(l.connection(), 2u);
}

TEST_F(LinkTest, WithoutALinkACommandIsRefusedAtOnceButNotInline) {
  Link& l = link(test::destination("unix:///nowhere/redis.sock"));
  bool told = false;
  l.call({"PING"}, [&](auto reply) {
    told = true;
    EXPECT_EQ(reply.error(), LinkError::not_sent);
  });
  EXPECT_FALSE(told);
  EXPECT_LT(loop.time_until([&] { return told; }), 100ms);
  EXPECT_NE(why_down().find("No such file"), std::string::npos) << why_down();
}

TEST_F(LinkTest, ALostConnectionSaysWhatMayHaveBeenCarriedOut) {
  Link& l = up();
  std::vector<LinkError> errors;
  server().pause();
  l.call({"PING"}, [&](auto reply) {
    errors.push_back(reply.error());
    l.call({"PING"}, [&](auto next) { errors.push_back(next.error()); });
  });
  loop.io.poll();  // it has left
  loop.io.restart();
  server().kill();
  ASSERT_TRUE(loop.run_until([&] { return errors.size() == 2; }));
  EXPECT_EQ(errors, (std::vector{LinkError::no_answer, LinkError::not_sent}));
}

TEST_F(LinkTest, ACommandWithoutAnAnswerEndsTheConnectionAfterTheTimeout) {
  Link& l = up({.command_timeout = 200ms});
  server().pause();
  std::vector<LinkError> errors;
  for (int i = 0; i < 3; ++i) {
    l.call({"PING"}, [&](auto reply) { errors.push_back(reply.error()); });
  }
  const Duration took = loop.time_until([&] { return errors.size() == 3; });
  EXPECT_GE(took, 200ms);
  EXPECT_LT(took, 400ms);
  EXPECT_EQ(errors, std::vector(3, LinkError::no_answer));
  EXPECT_NE(why_down().find("no answer within 200 ms"), std::string::npos);
  EXPECT_FALSE(l.is_up());

  server().resume();
  EXPECT_LT(loop.time_until([&] { return l.is_up(); }), 2s);
  EXPECT_EQ(call({"ECHO", "x"}), Reply::of(std::string("x")));
}

TEST_F(LinkTest, AnIdleLinkFindsOutThatItsPeerIsSilent) {
  Link& l = up({.command_timeout = 100ms, .ping_interval = 100ms});
  server().pause();
  EXPECT_LT(loop.time_until([&] { return !l.is_up(); }), 500ms);
  server().resume();
}

TEST_F(LinkTest, IsBackSoonAfterRedisIs) {
  Link& l = up();
  server().kill();
  ASSERT_TRUE(loop.run_until([&] { return !l.is_up(); }));
  const TimePoint dead_for = loop.clock.now() + 1500ms;
  loop.run_until([&] { return loop.clock.now() > dead_for; });
  server().start();
  EXPECT_LT(loop.time_until([&] { return l.is_up(); }), 1s);
  EXPECT_EQ(loop.log.lines.size(), 3u) << "up, down and up, whatever was tried in between";
}

TEST_F(LinkTest, AtMostSoManyCommandsAreInFlight) {
  Link& l = up({.in_flight_max = 2});
  int good = 0;
  int refused = 0;
  for (int i = 0; i < 3; ++i) {
    l.call({"PING"}, [&](auto reply) { reply ? ++good : ++refused; });
  }
  ASSERT_TRUE(loop.run_until([&] { return good + refused == 3; }));
  EXPECT_EQ(good, 2);
  EXPECT_EQ(call({"PING"}), Reply::of(std::string("PONG"))) << "there is room again";
}

TEST_F(LinkTest, AtMostSoManyBytesAreInFlight) {
  Link& l = up({.in_flight_bytes_max = 1000});
  int good = 0;
  int refused = 0;
  const std::string payload(400, 'x');
  for (int i = 0; i < 3; ++i) {
    l.call({"ECHO", payload}, [&](auto reply) { reply ? ++good : ++refused; });
  }
  ASSERT_TRUE(loop.run_until([&] { return good + refused == 3; }));
  EXPECT_EQ(good, 2);
}

TEST_F(LinkTest, WhatRedisRefusesIsAReply) {
  up();
  EXPECT_EQ(call({"NOSUCH"})->error_code(), "ERR");
  EXPECT_TRUE(link_->is_up());
}

TEST_F(LinkTest, AScriptIsSentWholeOnceAndIsFoundAgainAfterRedisForgotIt) {
  Link& l = up();
  const Script script("return {KEYS[1], ARGV[1]}");
  const Reply expected =
      Reply::of(std::vector{Reply::of(std::string("k")), Reply::of(std::string("a"))});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(loop.run(l, script, {"k"}, {"a"}), expected);
  const auto calls = [&](const std::string& command) {
    const std::string info = server().call({"INFO", "commandstats"}).text;
    const auto at = info.find("cmdstat_" + command + ":calls=");
    return at == std::string::npos ? 0 : std::stoi(info.substr(at + command.size() + 15));
  };
  EXPECT_EQ(calls("eval"), 1);
  EXPECT_EQ(calls("evalsha"), 2);
  server().call({"SCRIPT", "FLUSH"});
  EXPECT_EQ(loop.run(l, script, {"k"}, {"a"}), expected);
  EXPECT_EQ(calls("eval"), 2);
}

TEST_F(LinkTest, AServerThatBecomesAReplicaIsLeftAtTheFirstAnswerThatShowsIt) {
  Link& l = up();
  server().call({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_EQ(call({"SET", "k", "v"})->error_code(), "READONLY");
  EXPECT_FALSE(l.is_up());
  server().call({"REPLICAOF", "NO", "ONE"});
  EXPECT_LT(loop.time_until([&] { return l.is_up(); }), 2s);
}

TEST_F(LinkTest, AKilledClientComesBack) {
  Link& l = up();
  server().call({"CLIENT", "KILL", "TYPE", "normal"});
  ASSERT_TRUE(loop.run_until([&] { return !l.is_up(); }));
  EXPECT_LT(loop.time_until([&] { return l.is_up(); }), 1s);
}

TEST_F(LinkTest, AReplyOverTheLimitEndsTheConnection) {
  up({.dialer = {.replies = {.bytes_max = 100'000}}});
  server().call({"CONFIG", "SET", "proto-max-bulk-len", "100mb"});
  server().call({"EVAL", "redis.call('SET', 'k', string.rep('x', 300000))", "0"});
  EXPECT_EQ(call({"GET", "k"}).error(), LinkError::no_answer);
}

TEST_F(LinkTest, ADestroyedLinkCallsNoHandler) {
  Link& l = up();
  server().pause();
  l.call({"PING"}, [](auto) { FAIL(); });
  loop.io.poll();
  loop.io.restart();
  link_.reset();
  loop.io.run_for(50ms);
  EXPECT_EQ(loop.log.count("redis_down"), 0u);
}

}  // namespace
}  // namespace usher::redis
