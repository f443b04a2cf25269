#include "client_net/web_socket.h"

#include <gtest/gtest.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
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
                         .subprotocols = subprotocols,
                         .origin = "https://app.example",
                         .message_bytes_max = message_bytes_max,
                         .outbox = outbox},
                        {.on_open =
                             [this](std::string_view selected) {
                               subprotocol = selected;
                               opened = true;
                               if (then) then();
                             },
                         .on_message =
                             [this](std::string_view data, bool binary) {
                               messages.push_back((binary ? "binary " : "") + std::string(data));
                               if (on_message) on_message();
                             },
                         .on_sent = [this] { ++sent; },
                         .on_end = [this](WebSocketEnd how) { ends.push_back(std::move(how)); }});
  }

  // The gateway's thread gets what was sent a moment later.
  void wait_until_heard(std::size_t count) {
    for (int i = 0; i < 1'000'000; ++i) {
      const std::lock_guard lock(mutex);
      if (heard.size() == count) break;
      std::this_thread::yield();
    }
  }

  boost::asio::io_context io;
  OutboxGauge outbox = std::make_shared<std::atomic<std::size_t>>(0);
  std::shared_ptr<WebSocket> socket;
  std::function<void()> then, on_message;
  std::vector<std::string> subprotocols{"usher.v1.json"};
  bool opened = false;
  std::string subprotocol;
  std::vector<std::string> messages;
  int sent = 0;
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
  EXPECT_EQ(messages, std::vector<std::string>{"{}"});
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
  EXPECT_EQ(messages.size(), 1u);
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
  EXPECT_EQ(sent, 0) << "no event after close()";
  wait_until_heard(4);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(heard, (std::vector<std::string>{"1", "22", "333", "closed 3012"}));
}

TEST_F(WebSocketTest, OffersItsSubprotocolsAndSaysWhichWasSelected) {
  gateway.on_upgrade = [](const auto&) {
    return test::SocketScript{.close_code = 1000, .subprotocol = "chat.v2"};
  };
  subprotocols = {"chat.v1", "chat.v2"};
  open(gateway.start().url());
  io.run();
  EXPECT_EQ(gateway.requests().at(0).fields.at("sec-websocket-protocol"), "chat.v1, chat.v2");
  EXPECT_EQ(subprotocol, "chat.v2");
}

TEST_F(WebSocketTest, OffersNoneIfItHasNone) {
  gateway.on_upgrade = [](const auto&) {
    return test::SocketScript{.close_code = 1000, .subprotocol = ""};
  };
  subprotocols = {};
  open(gateway.start().url());
  io.run();
  EXPECT_FALSE(gateway.requests().at(0).fields.contains("sec-websocket-protocol"));
  EXPECT_TRUE(opened);
  EXPECT_EQ(subprotocol, "");
}

TEST_F(WebSocketTest, BinaryMessagesStayBinaryInBothDirections) {
  gateway.on_upgrade = [](const auto&) {
    return test::SocketScript{.send = {std::string("\0\xFF", 2)}, .binary = true};
  };
  gateway.on_text = [&](std::string text) {
    const std::lock_guard lock(mutex);
    heard.push_back(std::move(text));
  };
  on_message = [this] {
    socket->send("1", true);
    socket->send("2");
    socket->close(1000);
  };
  open(gateway.start().url());
  io.run();
  EXPECT_EQ(messages, std::vector<std::string>{std::string("binary \0\xFF", 9)});
  wait_until_heard(3);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(heard, (std::vector<std::string>{"binary 1", "2", "closed 1000"}));
}

TEST_F(WebSocketTest, HeldItReadsNothingUntilItIsResumed) {
  gateway.on_upgrade = [](const auto&) { return test::SocketScript{{"1", "2", "3"}, 1000, ""}; };
  on_message = [this] { socket->hold(); };
  open(gateway.start().url());
  for (std::size_t n = 1; n <= 3; ++n) {
    while (messages.size() < n) io.run_one();
    while (io.poll_one() > 0) {
    }
    EXPECT_EQ(messages.size(), n);
    EXPECT_TRUE(ends.empty());
    socket->resume();
  }
  io.run();
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].code, 1000);
}

TEST_F(WebSocketTest, HeldItCanBeAbandoned) {
  gateway.on_upgrade = [](const auto&) { return test::SocketScript{{"1", "2"}}; };
  on_message = [this] {
    socket->hold();
    boost::asio::post(io, [this] { socket->abandon(); });
  };
  open(gateway.start().url());
  io.run();  // ends, for nothing is left to do
  EXPECT_EQ(messages, std::vector<std::string>{"1"});
  EXPECT_TRUE(ends.empty());
}

TEST_F(WebSocketTest, ARefusalBeforeTheUpgradeSaysItsStatus) {
  gateway.refuse_upgrades_with = 503;
  open(gateway.start().url());
  io.run();
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].detail, "upgrading: the answer is 503 Service Unavailable");
}

TEST_F(WebSocketTest, AbandonedItIsSilentAndGivesBackItsOutbox) {
  on_message = [this] {
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
