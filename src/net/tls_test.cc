#include "net/tls.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <string>
#include <string_view>

#include "net/fd.h"
#include "support/test_certificate.h"

namespace usher::net {
namespace {

Certificate certificate() {
  const test::TestCertificate made = test::make_test_certificate("DNS:gw.example");
  return Certificate({.key = "tls.certificate_file", .path = "crt", .text = made.certificate_pem},
                     {.key = "tls.key_file", .path = "key", .text = made.key_pem});
}

// A client of OpenSSL's at the other end of a socket pair; both sides take turns.
class Client {
 public:
  explicit Client(int fd) : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
    session_.reset(SSL_new(context_.get()));
    SSL_set_fd(session_.get(), fd);
    SSL_set_connect_state(session_.get());
  }
  SSL* get() const { return session_.get(); }

  // Goes on with the handshake. Returns whether it is done.
  bool shake_hands() { return SSL_do_handshake(session_.get()) == 1; }
  bool has_failed() {
    const int result = SSL_do_handshake(session_.get());
    const int error = SSL_get_error(session_.get(), result);
    ERR_clear_error();
    return error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL;
  }
  void say(std::string_view bytes) {
    ASSERT_EQ(SSL_write(get(), bytes.data(), static_cast<int>(bytes.size())),
              static_cast<int>(bytes.size()));
  }
  std::string hear() {
    std::string all;
    std::array<char, 20'000> buffer;
    for (int count; (count = SSL_read(get(), buffer.data(), buffer.size())) > 0;) {
      all.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return all;
  }
  bool has_heard_the_end() const { return SSL_get_shutdown(get()) & SSL_RECEIVED_SHUTDOWN; }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> session_{nullptr, SSL_free};
};

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    std::signal(SIGPIPE, SIG_IGN);  // as the node does: OpenSSL may write to a peer that has left
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    ours = Fd(ends[0]);
    theirs = Fd(ends[1]);
    session = std::make_unique<TlsSession>(context, ours.get());
    client = std::make_unique<Client>(theirs.get());
  }

  // Reads on our side, which makes the handshake first.
  IoResult read() { return session->read(buffer); }
  void shake_hands() {
    for (int i = 0; i < 10 && !client->shake_hands(); ++i) {
      ASSERT_EQ(read().status, IoStatus::want_read);
    }
    ASSERT_TRUE(SSL_is_init_finished(client->get()));
    ASSERT_EQ(read().status, IoStatus::want_read);
  }
  // Returns false if the server refuses the handshake.
  bool agrees() {
    for (int i = 0; i < 10; ++i) {
      if (client->shake_hands()) return true;
      if (client->has_failed() || read().status == IoStatus::failed) return false;
    }
    return false;
  }
  IoResult write(std::vector<std::string>& parts) {
    std::vector<iovec> all;
    for (std::string& part : parts) all.push_back({part.data(), part.size()});
    return session->write(all);
  }

  TlsContext context{certificate()};
  Fd ours, theirs;
  std::unique_ptr<TlsSession> session;
  std::unique_ptr<Client> client;
  std::array<char, 64 * 1024> buffer{};
};

TEST_F(TlsTest, BytesCrossInBothDirectionsBehindTheHandshake) {
  shake_hands();
  EXPECT_STREQ(SSL_get_version(client->get()), "TLSv1.3");
  client->say("hello");
  const IoResult heard = read();
  EXPECT_EQ(heard.status, IoStatus::done);
  EXPECT_EQ(std::string(buffer.data(), heard.bytes), "hello");
  EXPECT_EQ(read().status, IoStatus::want_read);
  std::vector<std::string> parts = {"one ", "two ", "three"};
  EXPECT_EQ(write(parts).bytes, 13u);
  EXPECT_EQ(client->hear(), "one two three");
}

TEST_F(TlsTest, AWriteTakesOneRecordOfManyParts) {
  shake_hands();
  std::vector<std::string> parts(3, std::string(10'000, 'x'));
  EXPECT_EQ(write(parts).bytes, 16'384u);
  std::vector<std::string> large(1, std::string(100'000, 'x'));
  EXPECT_EQ(write(large).bytes, 16'384u);
  EXPECT_EQ(client->hear(), std::string(2 * 16'384, 'x'));
}

// epoll would not see bytes that OpenSSL has read ahead.
TEST_F(TlsTest, AReadLeavesNoWholeRecordBehind) {
  shake_hands();
  client->say(std::string(16'384, 'a'));
  client->say("b");
  EXPECT_EQ(read().bytes, 16'384u);
  char byte = 0;
  EXPECT_EQ(recv(ours.get(), &byte, 1, MSG_PEEK), 1) << "the next record is in the socket";
  EXPECT_EQ(read().bytes, 1u);
}

TEST_F(TlsTest, AFullSocketTakesTheSameBytesLaterWhereverTheyLie) {
  shake_hands();
  std::vector<std::string> parts(1, std::string(16'384, 'x'));
  std::size_t sent = 0;
  while (write(parts).status == IoStatus::done) sent += 16'384;
  EXPECT_EQ(write(parts).status, IoStatus::want_write);
  EXPECT_EQ(client->hear().size(), sent);
  std::vector<std::string> moved = {parts[0], "behind"};
  EXPECT_EQ(write(moved).status, IoStatus::done);
  EXPECT_EQ(client->hear(), parts[0]);
}

TEST_F(TlsTest, OldVersionsAreRefused) {
  SSL_set_max_proto_version(client->get(), TLS1_1_VERSION);
  EXPECT_FALSE(agrees());
}

TEST_F(TlsTest, Tls12NeedsForwardSecrecy) {
  SSL_set_max_proto_version(client->get(), TLS1_2_VERSION);
  ASSERT_EQ(SSL_set_cipher_list(client->get(), "AES128-SHA256:ECDHE-ECDSA-AES128-SHA256"), 1);
  EXPECT_FALSE(agrees());
}

TEST_F(TlsTest, Tls12WithForwardSecrecyAndAeadIsSpoken) {
  SSL_set_max_proto_version(client->get(), TLS1_2_VERSION);
  EXPECT_TRUE(agrees());
}

TEST_F(TlsTest, OnlyHttp11IsAgreedOn) {
  static constexpr unsigned char kBoth[] = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_set_alpn_protos(client->get(), kBoth, sizeof kBoth);
  shake_hands();
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client->get(), &chosen, &size);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), size), "http/1.1");
}

TEST_F(TlsTest, AClientThatOffersOnlyOtherProtocolsIsRefused) {
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(client->get(), kHttp2, sizeof kHttp2);
  EXPECT_FALSE(agrees());
}

TEST_F(TlsTest, BytesThatAreNoHandshakeFail) {
  ASSERT_EQ(send(theirs.get(), "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
  EXPECT_EQ(read().status, IoStatus::failed);
  EXPECT_EQ(read().status, IoStatus::failed);
}

TEST_F(TlsTest, ThePeersEndIsNoFailure) {
  shake_hands();
  SSL_shutdown(client->get());
  EXPECT_EQ(read().status, IoStatus::end);
}

TEST_F(TlsTest, APeerThatLeavesWithoutAWordHasEndedToo) {
  shake_hands();
  client->hear();  // the tickets: unread bytes would make it a reset
  theirs.reset();
  EXPECT_EQ(read().status, IoStatus::end);
}

TEST_F(TlsTest, ShuttingDownTellsThePeerOnceTheHandshakeIsDone) {
  session->shut_down();
  shake_hands();
  EXPECT_FALSE(client->has_heard_the_end());
  session->shut_down();
  EXPECT_EQ(client->hear(), "");
  EXPECT_TRUE(client->has_heard_the_end());
}

// ---- the client's side ----

// A dialled session against an accepted one.
class TlsClientTest : public TlsTest {
 protected:
  // Makes both, for a server of the name gw.example that is reached as `host`.
  void dial(const std::string& host, bool trusts = true) {
    const Certificate shown = certificate();
    own_context = std::make_unique<TlsContext>(shown);
    session = std::make_unique<TlsSession>(*own_context, ours.get());
    if (trusts) X509_STORE_add_cert(SSL_CTX_get_cert_store(trust.get()), shown.leaf());
    dialled = std::make_unique<TlsSession>(trust.get(), host, theirs.get());
  }
  // Lets both sides read in turns. Returns what the dialled one gets in the end.
  IoStatus shake_hands() {
    IoStatus status = IoStatus::want_read;
    for (int i = 0; i < 6 && status == IoStatus::want_read; ++i) {
      status = dialled->read(buffer).status;
      if (status == IoStatus::want_read) read();
    }
    return status;
  }
  static IoResult write(TlsSession& to, std::string bytes) {
    const iovec part{bytes.data(), bytes.size()};
    return to.write({&part, 1});
  }

  std::unique_ptr<TlsContext> own_context;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> trust{SSL_CTX_new(TLS_client_method()),
                                                          SSL_CTX_free};
  std::unique_ptr<TlsSession> dialled;
};

TEST_F(TlsClientTest, AServerThatIsTrustedIsSpokenTo) {
  dial("gw.example");
  EXPECT_EQ(write(*dialled, "early").status, IoStatus::want_read) << "the handshake comes first";
  EXPECT_EQ(shake_hands(), IoStatus::want_read);
  EXPECT_EQ(write(*dialled, "up").bytes, 2u);
  EXPECT_EQ(read().bytes, 2u);
  EXPECT_EQ(write(*session, "down").bytes, 4u);
  EXPECT_EQ(dialled->read(buffer).bytes, 4u);
}

TEST_F(TlsClientTest, ACertificateOfAnotherHostIsRefused) {
  dial("other.example");
  EXPECT_EQ(shake_hands(), IoStatus::failed);
  EXPECT_EQ(dialled->failure_text(), "its certificate is refused: hostname mismatch");
}

TEST_F(TlsClientTest, ACertificateWithoutTheAddressIsRefused) {
  dial("127.0.0.1");
  EXPECT_EQ(shake_hands(), IoStatus::failed);
  EXPECT_EQ(dialled->failure_text(), "its certificate is refused: IP address mismatch");
}

TEST_F(TlsClientTest, ACertificateThatNoAuthorityVouchesForIsRefused) {
  dial("gw.example", false);
  EXPECT_EQ(shake_hands(), IoStatus::failed);
  EXPECT_EQ(dialled->failure_text(), "its certificate is refused: self-signed certificate");
}

TEST_F(TlsClientTest, AServerThatSpeaksNoTlsIsSaid) {
  dial("gw.example");
  EXPECT_EQ(dialled->read(buffer).status, IoStatus::want_read);
  ASSERT_EQ(send(ours.get(), "HTTP/1.1 400 Bad Request\r\n\r\n", 28, 0), 28);
  EXPECT_EQ(dialled->read(buffer).status, IoStatus::failed);
  EXPECT_EQ(dialled->failure_text(), "wrong version number");
}

}  // namespace
}  // namespace usher::net
