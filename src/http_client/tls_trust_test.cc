#include "http_client/tls_trust.h"

#include <unistd.h>

#include <fstream>

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "http_client/call.h"
#include "support/fake_gateway.h"

namespace usher::http_client {
namespace {

class TlsTrustTest : public testing::Test {
 protected:
  ~TlsTrustTest() override { ::unlink(ca_file.c_str()); }

  void serve(const std::string& alternative_name) {
    const auto certificate = test::make_test_certificate(alternative_name);
    ca_file = testing::TempDir() + "usher-ca-" + std::to_string(::getpid()) + ".pem";
    std::ofstream(ca_file) << certificate.certificate_pem;
    gateway.use_tls(certificate);
    gateway.start();
  }

  Answer ask(const std::string& host, const std::string& trusted) {
    Answer got;
    boost::asio::io_context io;
    start_call(io.get_executor(), make_tls_trust(trusted),
               {.endpoint = *parse_url(gateway.url(host) + "/auth/token")},
               [&](Answer answer) { got = std::move(answer); });
    io.run();
    return got;
  }

  std::string ca_file;
  test::FakeGateway gateway;
};

TEST_F(TlsTrustTest, BelievesTheGivenCertificateForItsOwnName) {
  serve("DNS:localhost");
  EXPECT_EQ(ask("localhost", ca_file).status, 200);
  EXPECT_EQ(gateway.requests().at(0).fields["sni"], "localhost");
}

TEST_F(TlsTrustTest, BelievesAnAddressThatTheCertificateNames) {
  serve("IP:127.0.0.1");
  EXPECT_EQ(ask("127.0.0.1", ca_file).status, 200);
  EXPECT_EQ(gateway.requests().at(0).fields.count("sni"), 0u);
}

TEST_F(TlsTrustTest, DoesNotBelieveACertificateOfAnotherName) {
  serve("DNS:gw.example");
  const Answer answer = ask("localhost", ca_file);
  EXPECT_EQ(answer.status, std::nullopt);
  EXPECT_TRUE(answer.detail.starts_with("TLS: ")) << answer.detail;
  EXPECT_TRUE(gateway.requests().empty());
}

TEST_F(TlsTrustTest, DoesNotBelieveACertificateThatNobodyVouchesFor) {
  serve("DNS:localhost");
  EXPECT_EQ(ask("localhost", "").status, std::nullopt);
  EXPECT_TRUE(gateway.requests().empty());
}

TEST_F(TlsTrustTest, AFileThatHoldsNoCertificatesIsNamed) {
  try {
    make_tls_trust("/nowhere/ca.pem");
    FAIL();
  } catch (const TlsTrustError& error) {
    EXPECT_EQ(error.what(), "CA file /nowhere/ca.pem: " + error.reason());
    EXPECT_NE(error.reason().find("No such file"), std::string::npos) << error.reason();
  }
}

}  // namespace
}  // namespace usher::http_client
