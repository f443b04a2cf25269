#include "client_net/client_connection.h"

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "http_client/tls_trust.h"

// client_test.cc tests it together with a gateway, through usher::Client.
namespace usher::client_net {
namespace {

std::shared_ptr<ClientConnection> make(const boost::asio::any_io_executor& executor,
                                       const std::string& url) {
  return ClientConnection::make(executor,
                                {.url = url,
                                 .origin = {},
                                 .message_bytes_max = 1000,
                                 .trust = http_client::make_tls_trust(""),
                                 .guest_file = {}},
                                {.log = [](const auto&) {},
                                 .status = [](auto) {},
                                 .event = [](const auto&) {},
                                 .detail = [](const auto&) {}},
                                nullptr);
}

TEST(ClientConnectionTest, AUrlThatIsNoneIsRefusedWithASentence) {
  boost::asio::io_context io;
  for (const char* url :
       {"", "gw.example", "ftp://gw.example", "https://user:password@gw.example"}) {
    EXPECT_THROW(make(io.get_executor(), url), std::invalid_argument) << url;
  }
}

TEST(ClientConnectionTest, DoesNothingInline) {
  boost::asio::io_context io;
  const auto connection = make(io.get_executor(), "http://127.0.0.1:1");
  connection->call(client::Connect{});
  EXPECT_EQ(connection->status(), client::Status::disconnected);
  io.run_one();
  EXPECT_EQ(connection->status(), client::Status::connecting);
  connection->shut_down();
  io.run();
  EXPECT_EQ(connection->status(), client::Status::disconnected);
}

TEST(ClientConnectionTest, NothingIsLeftToDoAfterAShutDown) {
  boost::asio::io_context io;
  const auto connection = make(io.get_executor(), "http://127.0.0.1:1");
  connection->call(client::Connect{});
  connection->shut_down();
  connection->call(client::Connect{});
  io.run();
  EXPECT_EQ(connection->status(), client::Status::disconnected);
}

}  // namespace
}  // namespace usher::client_net
