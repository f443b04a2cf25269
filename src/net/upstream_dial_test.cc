#include "net/upstream_dial.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <csignal>
#include <cstring>
#include <optional>

#include "net/tls.h"
#include "net/upstream_fixture.h"
#include "support/test_certificate.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

using Lines = std::vector<std::string>;

SocketAddress unix_address(const std::string& path) {
  SocketAddress address;
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  path.copy(where.sun_path, sizeof where.sun_path - 1);
  std::memcpy(&address.storage, &where, sizeof where);
  address.size = sizeof where;
  address.text = "unix:" + path;
  return address;
}

// A port of 127.0.0.1 that takes no connection and refuses none: its queue is full.
class SilentPort {
 public:
  SilentPort() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    EXPECT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&where), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 0), 0);
    EXPECT_EQ(getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&where), &size), 0);
    std::memcpy(&address_.storage, &where, size);
    address_.size = size;
    address_.text = "127.0.0.1:" + std::to_string(ntohs(where.sin_port));
    for (int i = 0; i < 4; ++i) {
      queue_.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      connect(queue_.back().get(), reinterpret_cast<sockaddr*>(&where), size);
    }
  }
  const SocketAddress& address() const { return address_; }

 private:
  Fd listener_;
  std::vector<Fd> queue_;
  SocketAddress address_;
};

class UpstreamDialTest : public UpstreamFixture {
 protected:
  explicit UpstreamDialTest(UpstreamTarget target = {}) : UpstreamFixture(target) {
    target.host = "localhost";
    target.port = "1";
    named.emplace(std::vector{target}, nullptr, io, std::function<void(Mailbox::Task)>(), clock);
  }

  // Dials a name with these addresses.
  void dial_at(const std::vector<SocketAddress>& at) {
    context.set_upstreams(*named);
    begin_dial();
    dial->take_addresses(at, "no such name");
  }

  std::optional<UpstreamAddresses> named;
};

TEST_F(UpstreamDialTest, AnAnswerMayComeByteByByte) {
  connect_upstream();
  for (const char byte : kUpstreamAnswer) {
    EXPECT_EQ(owner.told, Lines{});
    say(upstream, {&byte, 1});
    turn();
  }
  EXPECT_EQ(owner.told, Lines{"answer:101"});
}

TEST_F(UpstreamDialTest, BytesBehindTheAnswerAreKept) {
  connect_upstream();
  say(upstream, kUpstreamAnswer + "rest");
  turn();
  say(upstream, "later");
  turn();
  EXPECT_EQ(dial->rest(), "rest");
  const Socket socket = dial->take_socket();
  std::array<char, 8> buffer;
  EXPECT_EQ(recv(socket.fd(), buffer.data(), buffer.size(), 0), 5) << "later bytes are not read";
}

TEST_F(UpstreamDialTest, AnAddressThatRefusesIsFollowedByTheNext) {
  dial_at({unix_address("/nowhere/a"), unix_address("/nowhere/b"), unix_address(listener.path())});
  turn();
  EXPECT_TRUE(listener.accept());
  EXPECT_EQ(owner.told, Lines{});
}

TEST_F(UpstreamDialTest, WhenAllAddressesRefuseTheLastReasonIsSaid) {
  dial_at({unix_address("/nowhere/a"), unix_address("/nowhere/b")});
  EXPECT_EQ(owner.told, Lines{"refused: connecting to unix:/nowhere/b: No such file or directory"});
}

TEST_F(UpstreamDialTest, WithoutAnAddressTheResolversReasonIsSaid) {
  dial_at({});
  EXPECT_EQ(owner.told, Lines{"refused: no such name"});
}

TEST_F(UpstreamDialTest, ASilentAddressGetsItsShareOfTheTime) {
  const SilentPort silent;
  dial_at({silent.address(), silent.address(), unix_address(listener.path())});
  turn(1600ms);
  EXPECT_FALSE(listener.accept());
  turn(100ms);
  EXPECT_FALSE(listener.accept()) << "a third of five seconds, and half of the rest";
  turn(1700ms);
  turn();
  EXPECT_TRUE(listener.accept());
  EXPECT_EQ(owner.told, Lines{});
}

class HastyUpstreamTest : public UpstreamDialTest {
 protected:
  HastyUpstreamTest() : UpstreamDialTest({.connect_timeout = 100ms}) {}
};

// A share is at least 250 ms, but never more than the whole.
TEST_F(HastyUpstreamTest, NoShareIsLongerThanTheWholeTime) {
  const SilentPort silent;
  dial_at({silent.address(), silent.address()});
  turn(120ms);
  EXPECT_EQ(owner.told, Lines{"timed out: connecting to " + silent.address().text +
                              ": not done within upstreams.connect_timeout"});
}

// The loop was busy elsewhere: the addresses are there before the deadline is looked at. There is
// no time left to share.
TEST_F(UpstreamDialTest, AnAddressThatComesTooLateGetsNoTime) {
  const SilentPort silent;
  context.set_upstreams(*named);
  begin_dial();
  clock.advance(6s);
  context.read_clock();
  dial->take_addresses({silent.address(), silent.address()}, "");
  turn();
  turn(20ms);
  EXPECT_EQ(owner.told, Lines{"timed out: connecting to " + silent.address().text +
                              ": not done within upstreams.connect_timeout"});
}

TEST_F(UpstreamDialTest, ANameThatIsNotResolvedInTimeIsGivenUp) {
  context.set_upstreams(*named);
  begin_dial();
  turn(5010ms);
  dial->take_addresses({unix_address(listener.path())}, "");  // too late
  EXPECT_FALSE(listener.accept());
  EXPECT_EQ(owner.told, Lines{"timed out: resolving the name localhost: not done within "
                              "upstreams.connect_timeout"});
}

TEST_F(UpstreamDialTest, TheTimeIsForTheAnswerToo) {
  connect_upstream();
  say(upstream, "HTTP/1.1 101");
  turn(4900ms);
  EXPECT_EQ(owner.told, Lines{});
  turn(200ms);
  EXPECT_EQ(owner.told, Lines{"timed out: the upgrade at unix:" + listener.path() +
                              ": not done within upstreams.connect_timeout"});
  EXPECT_EQ(hear(upstream), kEnd);
}

TEST_F(UpstreamDialTest, AnAnswerThatIsNoHttpIsSaid) {
  connect_upstream();
  say(upstream, "SSH-2.0-OpenSSH\r\n\r\n");
  turn();
  ASSERT_EQ(owner.told.size(), 1u);
  EXPECT_TRUE(owner.told[0].starts_with("not spoken: ")) << owner.told[0];
}

TEST_F(UpstreamDialTest, AHeadWithoutEndIsRefusedAtItsBound) {
  connect_upstream();
  say(upstream, "HTTP/1.1 101 Yes\r\nX: ");
  std::size_t said = 0;
  for (; owner.told.empty() && said < 2 * wire::kAnswerHeadBytesMax; said += 1024) {
    say(upstream, std::string(1024, 'x'));
    turn();
  }
  EXPECT_GE(said, wire::kAnswerHeadBytesMax);
  ASSERT_EQ(owner.told.size(), 1u);
  EXPECT_TRUE(owner.told[0].ends_with(": the head of its answer is too long")) << owner.told[0];
}

TEST_F(UpstreamDialTest, AnEndOrAResetBeforeTheAnswerIsSaid) {
  connect_upstream();
  upstream = Fd();
  turn();
  EXPECT_EQ(owner.told, Lines{"refused: the upgrade at unix:" + listener.path() +
                              ": it closed the connection without an answer"});
}

// ---- TLS ----

// An upstream with TLS; the test makes the turns of both sides.
class TlsUpstreamTest : public UpstreamFixture {
 protected:
  TlsUpstreamTest() {
    std::signal(SIGPIPE, SIG_IGN);  // as the node does: OpenSSL may write to a peer that has left
    X509_STORE_add_cert(SSL_CTX_get_cert_store(trust.get()), certificate.leaf());
  }

  void connect_to(const std::string& host) {
    const UpstreamTarget target =
        at_listener({.host = host, .port = "1", .unix_path = {}, .tls = true});
    secure.emplace(std::vector{target}, trust.get(), io, std::function<void(Mailbox::Task)>(),
                   clock);
    context.set_upstreams(*secure);
    begin_dial();
    turn();
    upstream = listener.accept();
    session = std::make_unique<TlsSession>(context_of_server, upstream.get());
  }
  // Returns what the upstream hears within some turns.
  std::string hear_tls() {
    std::string all;
    std::array<char, 64 * 1024> buffer;
    for (int i = 0; i < 10; ++i) {
      const IoResult heard = session->read(buffer);
      if (heard.status == IoStatus::done) all.append(buffer.data(), heard.bytes);
      turn();
    }
    return all;
  }
  void say_tls(std::string bytes) {
    const iovec part{bytes.data(), bytes.size()};
    EXPECT_EQ(session->write({&part, 1}).bytes, bytes.size());
  }

  static Certificate made() {
    const test::TestCertificate made = test::make_test_certificate("DNS:up.example");
    return Certificate({.key = "tls.certificate_file", .path = "crt", .text = made.certificate_pem},
                       {.key = "tls.key_file", .path = "key", .text = made.key_pem});
  }

  const Certificate certificate = made();
  TlsContext context_of_server{certificate};
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> trust{SSL_CTX_new(TLS_client_method()),
                                                          SSL_CTX_free};
  std::optional<UpstreamAddresses> secure;
  std::unique_ptr<TlsSession> session;
};

TEST_F(TlsUpstreamTest, TheRequestFollowsTheHandshakeAndBytesPass) {
  connect_to("up.example");
  EXPECT_EQ(hear_tls(), kUpstreamRequest);
  say_tls(kUpstreamAnswer);
  turn();
  EXPECT_EQ(owner.told, Lines{"answer:101"});
  UpstreamSocket socket(context, owner);
  socket.open(dial->take_socket(), 0);
  socket.set_reading(true);
  say_tls("down");
  socket.send(std::string_view("up"));
  EXPECT_EQ(hear_tls(), "up");
  EXPECT_EQ(owner.bytes, "down");
  std::string sent;
  while (socket.has_room()) {
    sent.append(socket.room() - Outbox::kFrameCost, 'x');
    socket.send(std::string(socket.room() - Outbox::kFrameCost, 'x'));
  }
  std::string heard;
  while (heard.size() < sent.size()) {
    const std::string more = hear_tls();
    ASSERT_FALSE(more.empty());
    heard += more;
  }
  EXPECT_EQ(heard, sent);
  session->shut_down();
  turn();
  EXPECT_EQ(owner.told.back(), "end");
}

TEST_F(TlsUpstreamTest, ACertificateForAnotherHostIsRefused) {
  connect_to("other.example");
  EXPECT_EQ(hear_tls(), "");
  EXPECT_EQ(owner.told, Lines{"refused: the upgrade at unix:" + listener.path() +
                              ": TLS: its certificate is refused: hostname mismatch"});
}

TEST_F(TlsUpstreamTest, AHostThatOnlyLooksLikeAnAddressHasNoCertificate) {
  connect_to("127.1");
  EXPECT_EQ(hear_tls(), "");
  EXPECT_EQ(owner.told, Lines{"refused: the upgrade at unix:" + listener.path() +
                              ": TLS: its certificate is refused: hostname mismatch"});
}

TEST_F(TlsUpstreamTest, AHandshakeThatNeverEndsIsTimedOut) {
  connect_to("up.example");
  turn(5100ms);
  ASSERT_EQ(owner.told.size(), 1u);
  EXPECT_TRUE(owner.told[0].starts_with("timed out: the upgrade at ")) << owner.told[0];
}

}  // namespace
}  // namespace usher::net
