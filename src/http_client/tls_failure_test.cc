#include "http_client/tls_failure.h"

#include <unistd.h>

#include <fstream>
#include <regex>

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "http_client/call.h"
#include "http_client/tls_trust.h"
#include "support/fake_gateway.h"

namespace usher::http_client {
namespace {

class TlsFailureTest : public testing::Test {
 protected:
  ~TlsFailureTest() override { ::unlink(ca_file.c_str()); }

  void serve(const std::string& alternative_name, long from_s = -3600, long until_s = 3600) {
    const auto certificate = test::make_test_certificate(alternative_name, from_s, until_s);
    std::ofstream(ca_file) << certificate.certificate_pem;
    gateway.use_tls(certificate);
    gateway.start();
  }

  // Returns the text about a call of `url`, with its port as PORT.
  std::string failure(const std::string& url, const std::string& trusted) {
    std::string detail;
    boost::asio::io_context io;
    start_call(io.get_executor(), make_tls_trust(trusted), {.endpoint = *parse_url(url + "/")},
               [&](const Answer& answer) {
                 EXPECT_FALSE(answer.status);
                 detail = answer.detail;
               });
    io.run();
    return std::regex_replace(detail, std::regex(":[0-9]{4,5}\\b"), ":PORT");
  }

  const std::string ca_file = testing::TempDir() + "usher-tls-" + std::to_string(::getpid());
  test::FakeGateway gateway;
};

TEST_F(TlsFailureTest, ACertificateThatNobodyVouchesForIsNotTrusted) {
  serve("DNS:localhost");
  EXPECT_EQ(failure(gateway.url("localhost"), ""),
            "TLS: the certificate of localhost:PORT is not trusted (self-signed certificate): its "
            "issuer is not among this machine's CAs");
}

TEST_F(TlsFailureTest, ACertificateOfAnotherNameSaysWhichItIsFor) {
  serve("DNS:gw.example,DNS:*.gw.example,IP:127.0.0.2,IP:::1");
  EXPECT_EQ(failure(gateway.url("localhost"), ca_file),
            "TLS: the certificate of localhost:PORT is not for localhost but for gw.example, "
            "*.gw.example, 127.0.0.2, ::1: use a name that it holds, or give the server a "
            "certificate for this one");
}

TEST_F(TlsFailureTest, ACertificateOfAnotherTimeSaysWhich) {
  serve("DNS:localhost", -7200, -3600);
  const std::string text = failure(gateway.url("localhost"), ca_file);
  EXPECT_TRUE(std::regex_match(
      text, std::regex("TLS: the certificate of localhost:PORT has expired, on "
                       "20[0-9-]{8} [0-9:]{5} UTC: renew it, or set this machine's clock right")))
      << text;
}

TEST_F(TlsFailureTest, ACertificateOfTomorrowPointsAtTheClock) {
  serve("DNS:localhost", 3600, 7200);
  const std::string text = failure(gateway.url("localhost"), ca_file);
  EXPECT_NE(text.find("is not valid before 20"), std::string::npos) << text;
  EXPECT_NE(text.find("set this machine's clock right"), std::string::npos) << text;
}

TEST_F(TlsFailureTest, AServerWithoutTlsIsSaidToHaveNone) {
  gateway.start();
  const std::string url = "https" + gateway.url().substr(4);
  const std::string text = failure(url, "");
  EXPECT_TRUE(text.find("is no TLS") != std::string::npos ||
              text.find("is there TLS on this port?") != std::string::npos)
      << text;
}

}  // namespace
}  // namespace usher::http_client
