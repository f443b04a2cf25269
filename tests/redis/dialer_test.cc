// Which Redis a link connects to, and as which user: credentials, replicas, Sentinel, TLS; and the
// reason that is logged when it can't.
#include <boost/asio.hpp>
#include <fstream>
#include <thread>

#include "redis/link/trust.h"
#include "redis/link_fixture.h"
#include "support/test_certificate.h"

namespace usher::redis {
namespace {

using std::chrono_literals::operator""ms;

class DialerTest : public LinkTest {};

TEST_F(DialerTest, UserPasswordAndDatabase) {
  server().call({"ACL", "SETUSER", "gate", "on", ">s%cret", "~*", "+@all"});
  link(test::destination("unix://gate:s%25cret@" + server().socket_path() + "?db=3"));
  ASSERT_TRUE(loop.run_until([&] { return link_->is_up(); }));
  EXPECT_NE(call({"CLIENT", "INFO"})->text.find(" db=3 "), std::string::npos);
  EXPECT_NE(call({"CLIENT", "INFO"})->text.find(" user=gate "), std::string::npos);
}

TEST_F(DialerTest, AWrongPasswordIsSaidWithoutThePassword) {
  server({"--requirepass", "right"});
  link(test::destination("unix://:wr0ng@" + server().socket_path()));
  const std::string line = why_down();
  EXPECT_NE(line.find("user or password refused: WRONGPASS"), std::string::npos) << line;
  EXPECT_EQ(line.find("wr0ng"), std::string::npos);
}

TEST_F(DialerTest, WhatRedisSaysWhenItHangsUpIsPassedOn) {
  server().call({"CONFIG", "SET", "maxclients", "1"});
  up();
  Link second({}, test::destination(server().url()), loop.dependencies());
  second.start();
  EXPECT_NE(why_down().find("max number of clients reached"), std::string::npos) << why_down();
}

// Such a server repeats a part of the command.
TEST_F(DialerTest, WhatAServerWithoutAuthSaysIsNotShown) {
  boost::asio::io_context io;
  const std::string path = server().folder() + "/old";
  boost::asio::local::stream_protocol::acceptor acceptor(io, path);
  std::jthread old([&] {
    auto peer = acceptor.accept();
    char bytes[1024];
    peer.read_some(boost::asio::buffer(bytes));
    boost::asio::write(peer, boost::asio::buffer(std::string(
                                 "-ERR unknown command 'AUTH', args beginning with: 's3cre'\r\n")));
  });
  link(test::destination("unix://:s3cret@" + path));
  EXPECT_EQ(why_down().find("s3cre"), std::string::npos) << why_down();
}

TEST_F(DialerTest, AReplicaIsNotTaken) {
  server({"--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "yes"});
  link();
  EXPECT_NE(why_down().find("it is a replica"), std::string::npos) << why_down();
}

TEST_F(DialerTest, WithoutASentinelThatHelpsTheReasonIsTheLastOnes) {
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

TEST_F(DialerTest, ASentinelThatIsSilentIsPassedOverSoon) {
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

class TlsTest : public DialerTest {
 protected:
  void SetUp() override {
    DialerTest::SetUp();
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

TEST_F(TlsTest, ACertificateThatLeadsToOurAuthorityIsEnough) {
  link(secure("127.0.0.1", trust_));
  ASSERT_TRUE(loop.run_until([&] { return link_->is_up(); }));
  const std::string large(300'000, 'x');
  EXPECT_EQ(call({"ECHO", large}), Reply::of(large));
}

TEST_F(TlsTest, AnotherHostsCertificateIsRefused) {
  link(secure("localhost", trust_));
  EXPECT_NE(why_down().find("certificate verify failed"), std::string::npos) << why_down();
}

TEST_F(TlsTest, AnUnknownAuthorityIsRefused) {
  trust_.ca_file.clear();
  link(secure("127.0.0.1", trust_));
  EXPECT_NE(why_down().find("certificate verify failed"), std::string::npos) << why_down();
}

}  // namespace
}  // namespace usher::redis
