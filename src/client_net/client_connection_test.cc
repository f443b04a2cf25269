#include "client_net/client_connection.h"

#include <algorithm>
#include <mutex>

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "http_client/tls_trust.h"
#include "support/fake_gateway.h"

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

// A raw connection to the fake gateway, and what it has told.
class RawConnectionTest : public testing::Test {
 protected:
  void connect(std::string path = "/board?room=7", std::vector<std::string> subprotocols = {}) {
    ConnectionOptions options{.url = gateway.start().url() + path,
                              .origin = {},
                              .message_bytes_max = 1000,
                              .trust = http_client::make_tls_trust(""),
                              .guest_file = {}};
    options.raw = RawOptions{.gateway = gateway.url(), .subprotocols = std::move(subprotocols)};
    const auto note = [this](std::string what) { told.push_back(std::move(what)); };
    connection = ClientConnection::make(
        io.get_executor(), options,
        {.log = [=](const client::LogLine& line) { note(line.text); },
         .status =
             [=, this](client::Status status) {
               if (status == client::Status::connected && on_connected) on_connected();
             },
         .event = [](const auto&) {},
         .detail = [=](const std::string& text) { note(text); },
         .message = [=](std::string_view data,
                        bool binary) { note((binary ? "binary " : "text ") + std::string(data)); },
         .sent = [this] { ++sent; }},
        nullptr);
    connection->call(client::Connect{});
  }
  bool has_told(const std::string& what) {
    return std::find(told.begin(), told.end(), what) != told.end();
  }
  void run_until_told(const std::string& what) {
    while (!has_told(what)) io.run_one();
  }
  void finish() {
    connection->shut_down();
    io.run();
  }

  boost::asio::io_context io;
  std::function<void()> on_connected;
  std::vector<std::string> told;
  int sent = 0;
  test::FakeGateway gateway;
  std::shared_ptr<ClientConnection> connection;
};

TEST_F(RawConnectionTest, AsksTheGatewayForATicketAndOpensTheSocketOfTheApplication) {
  gateway.on_upgrade = [](const auto&) {
    return test::SocketScript{.send = {"hello", "{}"}, .subprotocol = "chat.v1"};
  };
  connect("/board?room=7", {"chat.v1"});
  run_until_told("text {}");
  EXPECT_TRUE(has_told("text hello"));
  EXPECT_EQ(connection->status(), client::Status::connected);
  const auto requests = gateway.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].target, "/auth/token");
  EXPECT_EQ(requests[1].target, "/auth/ticket");
  EXPECT_EQ(requests[2].target, "/board?room=7&ticket=00112233445566778899aabbccddeeff");
  EXPECT_EQ(requests[2].fields.at("sec-websocket-protocol"),
            "chat.v1, usher.accepted, usher.refused");
  finish();
}

TEST_F(RawConnectionTest, ARefusalIsNeverConnectedAndSaysWhy) {
  gateway.on_upgrade = [](const auto&) {
    return test::SocketScript{.send = {"not for you"},
                              .close_code = 1008,
                              .close_reason = "NOT_AUTHORIZED",
                              .subprotocol = "usher.refused"};
  };
  connect();
  run_until_told(
      "[WS] Hard failure - stopping reconnect "
      "{ code: 1008, reason: 'NOT_AUTHORIZED', wasClean: true }");
  EXPECT_FALSE(has_told("[WS] Connected"));
  EXPECT_FALSE(has_told("text not for you"));
  ASSERT_TRUE(connection->failure());
  EXPECT_EQ(connection->failure()->code, 1008);
  finish();
}

TEST_F(RawConnectionTest, SendsMessagesAsTheyAreAndOnlyWhileConnected) {
  std::vector<std::string> heard;
  std::mutex mutex;
  gateway.on_upgrade = [](const auto&) {
    return test::SocketScript{.subprotocol = "usher.accepted"};
  };
  gateway.on_text = [&](std::string text) {
    const std::lock_guard lock(mutex);
    heard.push_back(std::move(text));
  };
  connect();
  EXPECT_FALSE(connection->send_message("too early", false));
  on_connected = [this] {
    EXPECT_TRUE(connection->send_message("not { JSON", false));
    EXPECT_EQ(connection->outbox_bytes(), 10u);
    EXPECT_TRUE(connection->send_message(std::string("\0\xFF", 2), true));
  };
  while (sent < 2) io.run_one();
  EXPECT_EQ(connection->outbox_bytes(), 0u);
  finish();
  EXPECT_FALSE(connection->send_message("too late", false));
  for (bool all = false; !all;) {
    const std::lock_guard lock(mutex);
    all = heard.size() == 3;
  }
  EXPECT_EQ(heard, (std::vector<std::string>{"not { JSON", std::string("binary \0\xFF", 9),
                                             "closed 1000"}));
}

TEST_F(RawConnectionTest, HeldItTellsNoMoreMessages) {
  gateway.on_upgrade = [](const auto&) { return test::SocketScript{.send = {"1"}}; };
  connect();
  on_connected = [this] { connection->hold(true); };
  run_until_told("[WS] Connected");
  while (io.poll_one() > 0) {
  }
  EXPECT_FALSE(has_told("text 1"));
  connection->hold(false);
  run_until_told("text 1");
  finish();
}

TEST_F(RawConnectionTest, AUrlWithATicketIsRefusedWithASentence) {
  EXPECT_THROW(connect("/board?ticket=abc"), std::invalid_argument);
}

}  // namespace
}  // namespace usher::client_net
