#include "redis/link.h"

#include <gtest/gtest.h>

#include <fstream>

#include "redis/trust.h"
#include "support/print_result.h"
#include "support/redis_loop.h"
#include "support/test_certificate.h"

namespace usher::redis {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using test::RedisServer;

class LinkTest : public testing::Test {
 protected:
  Link& link(LinkOptions options = {}) { return link(test::destination(server().url()), options); }
  Link& link(Destination destination, LinkOptions options = {}) {
    link_ = std::make_unique<Link>(options, std::move(destination), loop.services());
    link_->start();
    return *link_;
  }
  Link& up(LinkOptions options = {}) {
    link(options);
    EXPECT_TRUE(loop.run_until([&] { return link_->is_up(); }));
    return *link_;
  }
  RedisServer& server(std::vector<std::string> options = {}) {
    if (!server_) server_.emplace(std::move(options));
    return *server_;
  }
  Result<Reply, LinkError> call(Commands::Words words) {
    return loop.call(*link_, std::move(words));
  }
  std::string why_down() {
    EXPECT_TRUE(loop.run_until([&] { return loop.log.count("redis_down") > 0; }));
    for (const std::string& line : loop.log.lines) {
      if (line.starts_with("redis_down")) return line;
    }
    return {};
  }

  test::RedisLoop loop;
  std::optional<RedisServer> server_;
  std::unique_ptr<Link> link_;
};

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
  EXPECT_LE(reads() - before, 3);  // ours, the second question's, and the first one's end
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

TEST_F(LinkTest, UserPasswordAndDatabase) {
  server().call({"ACL", "SETUSER", "gate", "on", ">s%cret", "~*", "+@all"});
  link(test::destination("unix://gate:s%25cret@" + server().socket_path() + "?db=3"));
  ASSERT_TRUE(loop.run_until([&] { return link_->is_up(); }));
  EXPECT_NE(call({"CLIENT", "INFO"})->text.find(" db=3 "), std::string::npos);
  EXPECT_NE(call({"CLIENT", "INFO"})->text.find(" user=gate "), std::string::npos);
}

TEST_F(LinkTest, AWrongPasswordIsSaidWithoutThePassword) {
  server({"--requirepass", "right"});
  link(test::destination("unix://:wr0ng@" + server().socket_path()));
  const std::string line = why_down();
  EXPECT_NE(line.find("user or password refused: WRONGPASS"), std::string::npos) << line;
  EXPECT_EQ(line.find("wr0ng"), std::string::npos);
}

TEST_F(LinkTest, WhatRedisSaysWhenItHangsUpIsPassedOn) {
  server().call({"CONFIG", "SET", "maxclients", "1"});
  up();
  Link second({}, test::destination(server().url()), loop.services());
  second.start();
  EXPECT_NE(why_down().find("max number of clients reached"), std::string::npos) << why_down();
}

TEST_F(LinkTest, AReplicaIsNotTaken) {
  server({"--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "yes"});
  link();
  EXPECT_NE(why_down().find("it is a replica"), std::string::npos) << why_down();
}

TEST_F(LinkTest, WhoTurnsIntoAReplicaIsLeftAtTheFirstAnswerThatShowsIt) {
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

TEST_F(LinkTest, ADestroyedLinkCallsNobody) {
  Link& l = up();
  server().pause();
  l.call({"PING"}, [](auto) { FAIL(); });
  loop.io.poll();
  loop.io.restart();
  link_.reset();
  loop.io.run_for(50ms);
  EXPECT_EQ(loop.log.count("redis_down"), 0u);
}

TEST_F(LinkTest, WithoutASentinelThatHelpsTheReasonIsTheLastOnes) {
  Destination to = test::destination("redis://:s3cret@ignored");
  const int nobody = test::free_tcp_port();
  to.sentinels = {*parse_sentinel("127.0.0.1:" + std::to_string(nobody)),
                  *parse_url(server().url())};  // a Redis, but no sentinel
  to.master = "main";
  link(to);
  const std::string line = why_down();
  EXPECT_NE(line.find("no sentinel helps: it knows no master of that name"), std::string::npos)
      << line;
  EXPECT_EQ(line.find("s3cret"), std::string::npos);
}

TEST_F(LinkTest, ASentinelThatIsSilentIsPassedOverSoon) {
  Destination to = test::destination("redis://ignored");
  to.sentinels = {*parse_url(server().url()), *parse_url(server().url())};
  to.master = "main";
  server().pause();
  const TimePoint begin = loop.clock.now();
  link(to, {.dialer = {.sentinel_timeout = 100ms}});
  const std::string line = why_down();
  EXPECT_NE(line.find("no sentinel helps: no answer within 100 ms"), std::string::npos) << line;
  EXPECT_LT(loop.clock.now() - begin, 500ms);
}

// ---- TLS ----

class TlsLinkTest : public LinkTest {
 protected:
  void SetUp() override {
    LinkTest::SetUp();
    if (IsSkipped()) return;
    const auto certificate = test::make_test_certificate("IP:127.0.0.1");
    server();
    ca_ = server().folder() + "/c.pem";
    const std::string key = server().folder() + "/k.pem";
    std::ofstream(ca_) << certificate.certificate_pem;
    std::ofstream(key) << certificate.key_pem;
    port_ = test::free_tcp_port();
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"tls-cert-file", ca_}, {"tls-key-file", key}, {"tls-ca-cert-file", ca_}}) {
      server().call({"CONFIG", "SET", name, value});
    }
    server().call({"CONFIG", "SET", "tls-auth-clients", "yes"});
    ASSERT_FALSE(server().call({"CONFIG", "SET", "tls-port", std::to_string(port_)}).is_error());
    trust_ = {.ca_file = ca_, .certificate_file = ca_, .key_file = key};
  }
  Destination secure(const std::string& host, const TrustOptions& trust) {
    Destination to = test::destination("rediss://" + host + ":" + std::to_string(port_));
    to.trust = make_trust(trust);
    return to;
  }
  std::string ca_;
  int port_ = 0;
  TrustOptions trust_;
};

TEST_F(TlsLinkTest, ACertificateThatLeadsToOurAuthorityIsEnough) {
  link(secure("127.0.0.1", trust_));
  ASSERT_TRUE(loop.run_until([&] { return link_->is_up(); }));
  const std::string large(300'000, 'x');
  EXPECT_EQ(call({"ECHO", large}), Reply::of(large));
}

TEST_F(TlsLinkTest, AnotherHostsCertificateIsRefused) {
  link(secure("localhost", trust_));
  EXPECT_NE(why_down().find("certificate verify failed"), std::string::npos) << why_down();
}

TEST_F(TlsLinkTest, AnUnknownAuthorityIsRefused) {
  trust_.ca_file.clear();
  link(secure("127.0.0.1", trust_));
  EXPECT_NE(why_down().find("certificate verify failed"), std::string::npos) << why_down();
}

}  // namespace
}  // namespace usher::redis
