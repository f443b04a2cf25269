#include "usher/client.h"

#include <thread>

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "support/client_probe.h"
#include "support/fake_gateway.h"

namespace usher {
namespace {

using test::ClientProbe;
using test::FakeAnswer;
using test::FakeGateway;
using Lines = std::vector<std::string>;

const char* const kConnectPush =
    R"({"push":{"connect":{"client":"c","session":"s","ping":25,"pong":true}}})";

class ClientTest : public testing::Test {
 protected:
  // As `usher::Client` is used: on its own thread.
  Client& start(ClientOptions options) {
    client.emplace(std::move(options));
    client->connect();
    return *client;
  }
  std::size_t count_requests(std::string_view target) {
    std::size_t count = 0;
    for (const auto& request : gateway.requests()) count += request.target == target ? 1 : 0;
    return count;
  }

  ClientProbe probe;
  Lines heard;  // by the gateway
  FakeGateway gateway;
  std::optional<Client> client;
};

TEST_F(ClientTest, SaysTheLinesOfTheContractOnItsWayToConnected) {
  start(probe.options(gateway.start().url()));
  ASSERT_TRUE(probe.wait_for_status("connected"));
  EXPECT_EQ(client->status(), ClientStatus::connected);
  client.reset();
  EXPECT_EQ(probe.log,
            (Lines{"[WS] Ensuring JWT token exists...", "[WS] JWT ready",
                   "[WS] Requesting WebSocket ticket...",
                   "[WS] Ticket obtained, connecting to WebSocket...", "[WS] Connected"}));
  EXPECT_EQ(probe.statuses, (Lines{"connecting", "connected"}));
  EXPECT_TRUE(probe.failures.empty());
}

TEST_F(ClientTest, AHardRefusalStopsItAtOnceAndSaysWhy) {
  gateway.on_http = [](const auto& request) {
    if (request.target == "/auth/token")
      return FakeAnswer{200, R"({"token":"T","expires_in":3600})"};
    return FakeAnswer{401, R"({"code":"MISSING_SESSION"})"};
  };
  start(probe.options(gateway.start().url()));
  ASSERT_TRUE(probe.wait([&] { return probe.failures == Lines{"MISSING_SESSION"}; }));
  ASSERT_TRUE(client->failure());
  EXPECT_EQ(client->failure()->http_status, 401);
  client.reset();
  EXPECT_EQ(probe.log.back(), "[WS] Ticket request failed: 401 UNAUTHORIZED - stopping reconnect");
  EXPECT_EQ(count_requests("/auth/ticket"), 1u);
}

TEST_F(ClientTest, ASoftRefusalIsTriedAgainWithANewTicket) {
  std::atomic<int> tickets = 0;
  gateway.on_http = [&](const auto& request) {
    if (request.target == "/auth/token")
      return FakeAnswer{200, R"({"token":"T","expires_in":3600})"};
    if (tickets++ == 0) return FakeAnswer{503, R"({"code":"STORE_UNAVAILABLE"})"};
    return FakeAnswer{200, R"({"ticket":"abc","expires_in":30})"};
  };
  start(probe.options(gateway.start().url()));
  ASSERT_TRUE(probe.wait_for_status("connected"));
  client.reset();
  EXPECT_EQ(tickets, 2);
  EXPECT_EQ(count_requests("/auth/token"), 1u) << "the guest's token is kept";
  EXPECT_EQ(probe.statuses, (Lines{"connecting", "reconnecting", "connected"}));
}

TEST_F(ClientTest, ANetworkErrorSaysWhatLiesBehindItApartFromTheLog) {
  start(probe.options("http://127.0.0.1:1"));
  ASSERT_TRUE(probe.wait_for_log("[WS] Failed to connect NetworkError"));
  client.reset();
  EXPECT_EQ(probe.details.at(0), "/auth/token: connecting to 127.0.0.1:1: Connection refused");
}

TEST_F(ClientTest, MessagesArriveByteForByteInOrder) {
  gateway.on_upgrade = [](const auto&) {
    return test::SocketScript{
        {R"({"push":{"connect":{"subs":{"news:1":{"recoverable":true,"epoch":"e","offset":0}}}}})",
         "{\"push\":{\"channel\":\"news:1\",\"pub\":{\"data\":{\"n\":12345678901234567890123,\"x\":"
         "1.0},\"offset\":1}}}\n"
         "{\"push\":{\"channel\":\"news:1\",\"pub\":{\"data\":\"two\",\"offset\":2}}}"},
        0,
        ""};
  };
  client.emplace(probe.options(gateway.start().url()));
  Lines handled;
  client->subscribe("news:1", [&](const ClientMessage& m) { probe.note(handled, m.data); });
  client->connect();
  ASSERT_TRUE(probe.wait([&] { return handled.size() == 2; }));
  client.reset();
  EXPECT_EQ(probe.messages,
            (Lines{R"(news:1 {"n":12345678901234567890123,"x":1.0})", R"(news:1 "two")"}));
  EXPECT_EQ(probe.subscribed, Lines{"news:1 new"});
  EXPECT_EQ(gateway.requests().at(1).body, R"({"subs":{"news:1":{}}})");
}

TEST_F(ClientTest, PublishesOnlyWhileConnectedAndOnlyJson) {
  gateway.on_text = [&](std::string text) { probe.note(heard, std::move(text)); };
  client.emplace(probe.options(gateway.start().url()));
  EXPECT_FALSE(client->publish("a", "1"));
  client->connect();
  ASSERT_TRUE(probe.wait_for_status("connected"));
  EXPECT_FALSE(client->publish("a", "{"));
  EXPECT_FALSE(client->publish("a", "1}}\n{\"id\":9"));
  EXPECT_FALSE(client->publish("a", "\"" + std::string(1 << 20, 'x') + "\""));
  EXPECT_TRUE(client->publish("a", "{\n \"x\": 1.0\n}"));
  ASSERT_TRUE(probe.wait([&] { return heard.size() == 1; }));
  EXPECT_EQ(heard.at(0), R"({"id":1,"publish":{"channel":"a","data":{  "x": 1.0 }}})");
}

TEST_F(ClientTest, AnswersThePing) {
  gateway.on_text = [&](std::string text) { probe.note(heard, std::move(text)); };
  gateway.on_upgrade = [](const auto&) { return test::SocketScript{{kConnectPush, "{}"}, 0, ""}; };
  start(probe.options(gateway.start().url()));
  EXPECT_TRUE(probe.wait([&] { return heard == Lines{"{}"}; }));
}

TEST_F(ClientTest, DisconnectSaysGoodbyeAndNothingComesBack) {
  gateway.on_text = [&](std::string text) { probe.note(heard, std::move(text)); };
  start(probe.options(gateway.start().url()));
  ASSERT_TRUE(probe.wait_for_status("connected"));
  client->disconnect();
  EXPECT_TRUE(probe.wait([&] { return heard == Lines{"closed 1000"}; }));
  EXPECT_EQ(client->status(), ClientStatus::disconnected);
  client.reset();
  EXPECT_EQ(probe.log.back(), "[WS] Connected");
}

TEST_F(ClientTest, DestroyedItSaysGoodbyeToo) {
  gateway.on_text = [&](std::string text) { probe.note(heard, std::move(text)); };
  start(probe.options(gateway.start().url()));
  ASSERT_TRUE(probe.wait_for_status("connected"));
  client.reset();
  EXPECT_TRUE(probe.wait([&] { return heard == Lines{"closed 1000"}; }));
}

TEST_F(ClientTest, AListenerMayThrowAndMayCallBack) {
  ClientOptions options = probe.options(gateway.start().url());
  options.on_status = [&](ClientStatus status) {
    probe.note(probe.statuses, std::string(to_string(status)));
    if (status == ClientStatus::connected) client->disconnect();
    throw std::runtime_error("not my day");
  };
  start(std::move(options));
  ASSERT_TRUE(probe.wait([&] {
    return probe.statuses == Lines{"connecting", "connected", "disconnected"};
  }));
  client.reset();
  EXPECT_EQ(probe.details.at(0), "a listener threw: not my day");
}

TEST_F(ClientTest, WhateverThrowsEveryOtherListenerHears) {
  gateway.on_text = [&](std::string text) { probe.note(heard, std::move(text)); };
  gateway.on_upgrade = [](const auto&) {
    return test::SocketScript{{R"({"push":{"connect":{"pong":true,"subs":{"a":{}}}}})",
                               R"({"push":{"channel":"a","pub":{"data":1}}})", "{}"},
                              0,
                              ""};
  };
  ClientOptions options = probe.options(gateway.start().url());
  const auto fail = [](const auto&...) { throw 7; };
  options.on_log = fail;
  options.on_status = fail;
  options.on_subscribed = fail;
  options.on_message = fail;
  options.on_detail = [&](const std::string& text) {
    probe.note(probe.details, text);
    throw std::runtime_error("not even this");
  };
  client.emplace(std::move(options));
  Lines handled;
  client->subscribe("a", [&](const ClientMessage& m) {
    probe.note(handled, m.data);
    throw std::runtime_error("nor this");
  });
  client->connect();
  EXPECT_TRUE(probe.wait([&] { return handled == Lines{"1"} && heard == Lines{"{}"}; }));
  EXPECT_EQ(client->status(), ClientStatus::connected);
  client.reset();
  EXPECT_EQ(probe.details.back(), "a listener threw: nor this");
  EXPECT_EQ(probe.details.front(), "a listener threw something that is no std::exception");
  // Five lines, two statuses, a subscription, a message and its handler.
  EXPECT_EQ(probe.details.size(), 10u);
}

TEST_F(ClientTest, AListenerMayDestroyTheClientOnItsOwnThread) {
  gateway.on_text = [&](std::string text) { probe.note(heard, std::move(text)); };
  gateway.start();
  std::unique_ptr<Client> mine;
  std::atomic<bool> gone = false;
  for (const std::string when : {"connecting", "connected"}) {
    ClientOptions options = probe.options(gateway.url());
    options.on_status = [&](ClientStatus status) {
      if (to_string(status) != when || gone) return;
      mine.reset();
      gone = true;
      probe.note(probe.statuses, when);
      throw std::runtime_error("and that");
    };
    gone = false;
    mine = std::make_unique<Client>(std::move(options));
    mine->connect();
    ASSERT_TRUE(probe.wait_for_status(when));
  }
  EXPECT_TRUE(probe.wait([&] { return heard == Lines{"closed 1000"}; })) << "it says goodbye";
}

TEST_F(ClientTest, AListenerMayDisconnectAndConnectAtEveryStep) {
  gateway.start();
  std::atomic<int> turns = 0;
  ClientOptions options = probe.options(gateway.url());
  options.on_log = [&](ClientLogLevel, const std::string& text) {
    probe.note(probe.log, text);
    if (turns++ >= 20) return;
    client->disconnect();
    client->connect();
  };
  start(std::move(options));
  ASSERT_TRUE(probe.wait_for_status("connected"));
  client.reset();
}

TEST_F(ClientTest, WhatATokenSourceThrowsIsSaidWhoeverListens) {
  ClientOptions options = probe.options(gateway.start().url());
  options.on_detail = nullptr;
  std::atomic<int> calls = 0;
  options.token_source = TokenSource::function([&](bool, const TokenReply& reply) {
    if (calls++ == 0) throw std::runtime_error("no session here");
    reply.token("T");
  });
  start(std::move(options));
  ASSERT_TRUE(probe.wait_for_status("connected"));
  client.reset();
  EXPECT_EQ(probe.log.at(1), "[Client] the token source threw: no session here");
  EXPECT_EQ(probe.log.at(2), "[WS] Failed to connect NetworkError");
}

// 1007 from the gateway would be soft, and come again after each reconnect.
TEST_F(ClientTest, NamesThatAreNoUtf8CostThemselves) {
  gateway.on_text = [&](std::string text) { probe.note(heard, std::move(text)); };
  client.emplace(probe.options(gateway.start().url()));
  client->subscribe("ok:1");
  client->subscribe("bad:\xff\xc3");
  client->subscribe("");
  client->connect();
  Lines asked;  // the gateway hears of the end, too
  ASSERT_TRUE(probe.wait([&] {
    asked = heard;
    return asked.size() == 2;
  }));
  EXPECT_FALSE(client->publish("a", "\"\xff\""));
  client.reset();
  EXPECT_EQ(gateway.requests().at(1).body, R"({"subs":{"ok:1":{}}})");
  EXPECT_EQ(asked.at(0), "{\"id\":1,\"subscribe\":{\"channel\":\"bad:\xEF\xBF\xBD\xEF\xBF\xBD\"}}");
  EXPECT_EQ(asked.at(1), R"({"id":2,"subscribe":{"channel":""}})");
}

TEST_F(ClientTest, AFixedTokenThatIsRefusedStopsIt) {
  gateway.on_http = [](const auto&) { return FakeAnswer{401, R"({"code":"INVALID_TOKEN"})"}; };
  ClientOptions options = probe.options(gateway.start().url());
  options.token_source = TokenSource::fixed("mine");
  start(std::move(options));
  ASSERT_TRUE(probe.wait([&] { return probe.failures == Lines{"INVALID_TOKEN"}; }));
  EXPECT_EQ(gateway.requests().size(), 1u);
  EXPECT_EQ(gateway.requests().at(0).fields.at("authorization"), "Bearer mine");
}

TEST_F(ClientTest, ATokenFunctionMayAnswerLaterFromAnyThread) {
  std::thread other;
  ClientOptions options = probe.options(gateway.start().url());
  options.token_source = TokenSource::function([&](bool fresh, TokenReply reply) {
    EXPECT_FALSE(fresh);
    other = std::thread([reply] {
      reply.token("first");
      reply.token("second");
    });
  });
  start(std::move(options));
  EXPECT_TRUE(probe.wait_for_status("connected"));
  other.join();
  EXPECT_EQ(gateway.requests().at(0).fields.at("authorization"), "Bearer first");
}

TEST_F(ClientTest, ACachedTokenThatIsRefusedIsAskedForOnceMore) {
  gateway.on_http = [](const auto& request) {
    if (request.fields.at("authorization") == "Bearer old")
      return FakeAnswer{401, R"({"code":"TOKEN_EXPIRED"})"};
    return FakeAnswer{200, R"({"ticket":"abc","expires_in":30})"};
  };
  ClientOptions options = probe.options(gateway.start().url());
  options.token_source = TokenSource::function([](bool fresh, const TokenReply& reply) {
    fresh ? reply.token("new") : reply.token("old", /*cached=*/true);
  });
  start(std::move(options));
  ASSERT_TRUE(probe.wait_for_status("connected"));
  client.reset();
  EXPECT_EQ(probe.log.at(3), "[Auth] Received 401 TOKEN_EXPIRED, refreshing token...");
}

TEST_F(ClientTest, ATokenFunctionThatThrowsOrForgetsToAnswerHasFailed) {
  std::atomic<int> calls = 0;
  ClientOptions options = probe.options(gateway.start().url());
  options.token_source = TokenSource::function([&](bool, const TokenReply& reply) {
    if (calls++ == 0) return;
    if (calls == 2) throw std::runtime_error("no");
    reply.token("T");
  });
  start(std::move(options));
  ASSERT_TRUE(probe.wait_for_status("connected"));
  client.reset();
  EXPECT_EQ(std::count(probe.log.begin(), probe.log.end(), "[WS] Failed to connect NetworkError"),
            2);
}

TEST_F(ClientTest, NoLogLineAndNoEventHoldsATokenOrATicket) {
  gateway.on_upgrade = [](const auto&) {
    return test::SocketScript{{kConnectPush}, 3500, "00112233445566778899aabbccddeeff"};
  };
  start(probe.options(gateway.start().url()));
  ASSERT_TRUE(probe.wait([&] { return probe.failures == Lines{"***"}; }));
  client.reset();
  for (const Lines& lines : {probe.log, probe.details}) {
    for (const std::string& line : lines) {
      EXPECT_EQ(line.find("00112233445566778899aabbccddeeff"), std::string::npos) << line;
      EXPECT_EQ(line.find("guest-token"), std::string::npos) << line;
    }
  }
}

TEST_F(ClientTest, RunsOnAGivenExecutorAndMayBeDestroyedInACallback) {
  gateway.start();
  boost::asio::io_context io;
  std::unique_ptr<Client> mine;
  ClientOptions options = probe.options(gateway.url());
  options.on_log = [&](ClientLogLevel, const std::string& text) {
    probe.note(probe.log, text);
    if (text == "[WS] Connected") mine.reset();
  };
  mine = std::make_unique<Client>(std::move(options), io.get_executor());
  mine->connect();
  io.run();  // ends by itself when the client is gone
  EXPECT_EQ(probe.statuses, Lines{"connecting"}) << "no callback begins after the destructor";
}

TEST_F(ClientTest, ManyThreadsMayDriveItAtOnce) {
  gateway.start();
  boost::asio::thread_pool pool(4);
  {
    Client shared(probe.options(gateway.url()), pool.get_executor());
    std::vector<std::thread> users;
    for (int i = 0; i < 4; ++i) {
      users.emplace_back([&shared, i] {
        for (int n = 0; n < 50; ++n) {
          shared.connect();
          shared.subscribe("c" + std::to_string(i));
          shared.publish("c", "1");
          if (n % 10 == 9) shared.disconnect();
          shared.unsubscribe("c" + std::to_string(i));
          shared.set_online(n % 2 == 0);
        }
      });
    }
    for (std::thread& user : users) user.join();
    shared.connect();
    EXPECT_TRUE(probe.wait_for_status("connected"));
    pool.get_executor();
  }
  pool.join();
}

TEST_F(ClientTest, AWrongUrlThrows) {
  EXPECT_THROW(Client(ClientOptions{.url = "gw"}), std::invalid_argument);
}

TEST_F(ClientTest, CredentialsGoWithTheTicketCallAloneAndNeedNoToken) {
  ClientOptions options = probe.options(gateway.start().url());
  int asked = 0;
  options.credentials = [&] {
    return std::vector<std::pair<std::string, std::string>>{
        {"Cookie", "sid=" + std::to_string(++asked)}, {"X-Device", "d1"}};
  };
  start(std::move(options));
  ASSERT_TRUE(probe.wait_for_status("connected"));
  client.reset();
  const auto requests = gateway.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].target, "/auth/ticket");
  EXPECT_EQ(requests[0].fields.at("cookie"), "sid=1");
  EXPECT_EQ(requests[0].fields.at("x-device"), "d1");
  EXPECT_FALSE(requests[0].fields.contains("authorization"));
  EXPECT_FALSE(requests[1].fields.contains("cookie")) << "the upgrade";
  EXPECT_EQ(probe.log.front(), "[WS] Requesting WebSocket ticket...");
}

TEST_F(ClientTest, CredentialsWorkBesideAToken) {
  ClientOptions options = probe.options(gateway.start().url());
  options.token_source = TokenSource::fixed("T");
  options.credentials = [] {
    return std::vector<std::pair<std::string, std::string>>{{"Cookie", "sid=1"}};
  };
  start(std::move(options));
  ASSERT_TRUE(probe.wait_for_status("connected"));
  client.reset();
  EXPECT_EQ(gateway.requests()[0].fields.at("cookie"), "sid=1");
  EXPECT_EQ(gateway.requests()[0].fields.at("authorization"), "Bearer T");
}

TEST_F(ClientTest, CredentialsThatCannotBeSentAreAHardFailure) {
  ClientOptions options = probe.options(gateway.start().url());
  options.credentials = [] {
    return std::vector<std::pair<std::string, std::string>>{{"Cookie", "a\r\nHost: b"}};
  };
  start(std::move(options));
  ASSERT_TRUE(probe.wait([&] { return probe.failures == Lines{"INVALID_CREDENTIALS"}; }));
  client.reset();
  EXPECT_TRUE(gateway.requests().empty());
}

TEST_F(ClientTest, ACredentialsFunctionThatThrowsIsTriedAgain) {
  ClientOptions options = probe.options(gateway.start().url());
  int asked = 0;
  options.credentials = [&]() -> std::vector<std::pair<std::string, std::string>> {
    if (asked++ == 0) throw std::runtime_error("no session yet");
    return {{"Cookie", "sid=1"}};
  };
  start(std::move(options));
  ASSERT_TRUE(probe.wait_for_status("connected"));
  client.reset();
  EXPECT_EQ(asked, 2);
}

TEST_F(ClientTest, CredentialsDoNotGoOverTheNetworkWithoutTls) {
  ClientOptions options = probe.options("http://gw.example");
  options.credentials = [] { return std::vector<std::pair<std::string, std::string>>{}; };
  EXPECT_THROW(Client{std::move(options)}, std::invalid_argument);
}

}  // namespace
}  // namespace usher
