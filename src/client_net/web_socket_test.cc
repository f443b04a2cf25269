#include "client_net/web_socket.h"

#include <gtest/gtest.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <mutex>
#include <thread>

#include "http_client/tls_trust.h"
#include "support/fake_gateway.h"

namespace usher::client_net {
namespace {

using test::FakeGateway;

class WebSocketTest : public testing::Test {
 protected:
  void open(std::string url, std::size_t message_bytes_max = 1 << 20) {
    url.replace(0, 4, "ws");
    socket =
        open_web_socket(io.get_executor(), http_client::make_tls_trust(""),
                        {.endpoint = *http_client::parse_url(url + "/ws?ticket=abc"),
                         .origin = "https://app.example",
                         .message_bytes_max = message_bytes_max,
                         .outbox = outbox},
                        {.on_open =
                             [this] {
                               opened = true;
                               if (then) then();
                             },
                         .on_text =
                             [this](std::string_view text) {
                               texts.emplace_back(text);
                               if (on_text) on_text();
                             },
                         .on_end = [this](WebSocketEnd how) { ends.push_back(std::move(how)); }});
  }

  boost::asio::io_context io;
  OutboxGauge outbox = std::make_shared<std::atomic<std::size_t>>(0);
  std::shared_ptr<WebSocket> socket;
  std::function<void()> then, on_text;
  bool opened = false;
  std::vector<std::string> texts;
  std::vector<WebSocketEnd> ends;
  std::mutex mutex;
  std::vector<std::string> heard;  // by the gateway
  FakeGateway gateway;
};

TEST_F(WebSocketTest, UpgradesWithTicketOriginAndSubprotocol) {
  gateway.on_upgrade = [](const auto&) {
    return test::SocketScript{{"{}"}, 1008, "ORIGIN_BLOCKED"};
  };
  open(gateway.start().url());
  io.run();
  EXPECT_TRUE(opened);
  EXPECT_EQ(texts, std::vector<std::string>{"{}"});
  const auto requests = gateway.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].target, "/ws?ticket=abc");
  EXPECT_EQ(requests[0].fields.at("sec-websocket-protocol"), "usher.v1.json");
  EXPECT_EQ(requests[0].fields.at("origin"), "https://app.example");
}

TEST_F(WebSocketTest, ReportsTheCloseFrameAsABrowserDoes) {
  gateway.on_upgrade = [](const auto&) { return test::SocketScript{{}, 1008, "ORIGIN_BLOCKED"}; };
  open(gateway.start().url());
  io.run();
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].code, 1008);
  EXPECT_EQ(ends[0].reason, "ORIGIN_BLOCKED");
  EXPECT_TRUE(ends[0].clean);
}

TEST_F(WebSocketTest, ARefusedUpgradeIs1006) {
  open("http://127.0.0.1:1");
  io.run();
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].code, 1006);
  EXPECT_FALSE(ends[0].clean);
  EXPECT_EQ(ends[0].detail, "connecting to 127.0.0.1:1: Connection refused");
  EXPECT_FALSE(opened);
}

TEST_F(WebSocketTest, AMessageOverTheBoundEndsIt) {
  gateway.on_upgrade = [](const auto&) {
    return test::SocketScript{{std::string(100, 'x'), std::string(101, 'x')}, 0, ""};
  };
  open(gateway.start().url(), 100);
  io.run();
  EXPECT_EQ(texts.size(), 1u);
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].code, 1006);
}

TEST_F(WebSocketTest, SendsInOrderAndSaysGoodbyeAfterTheLast) {
  gateway.on_text = [&](std::string text) {
    const std::lock_guard lock(mutex);
    heard.push_back(std::move(text));
  };
  then = [this] {
    for (const char* text : {"1", "22", "333"}) socket->send(text);
    EXPECT_EQ(*outbox, 6u);
    socket->close(3012);
  };
  open(gateway.start().url());
  io.run();
  EXPECT_TRUE(ends.empty());
  EXPECT_EQ(*outbox, 0u);
  for (int i = 0; i < 1000; ++i) {  // the gateway's thread gets it a moment later
    const std::lock_guard lock(mutex);
    if (heard.size() == 4) break;
    std::this_thread::yield();
  }
  const std::lock_guard lock(mutex);
  EXPECT_EQ(heard, (std::vector<std::string>{"1", "22", "333", "closed 3012"}));
}

TEST_F(WebSocketTest, AbandonedItIsSilentAndGivesBackItsOutbox) {
  on_text = [this] {
    socket->send("never sent");
    socket->abandon();
  };
  open(gateway.start().url());
  io.run();
  socket.reset();
  EXPECT_TRUE(ends.empty());
  EXPECT_EQ(*outbox, 0u);
}

}  // namespace
}  // namespace usher::client_net
