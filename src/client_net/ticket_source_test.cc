#include "usher/ticket_source.h"

#include <algorithm>
#include <future>

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "support/client_probe.h"
#include "support/fake_gateway.h"

// ticket_desk_test.cc tests the rules, in virtual time. Here is what the shell does with them.
namespace usher {
namespace {

using test::FakeAnswer;
using test::FakeGateway;
using test::FakeRequest;
using Lines = std::vector<std::string>;

constexpr auto kLong = std::chrono::seconds(10);

class TicketSourceTest : public testing::Test {
 protected:
  TicketSourceOptions options(const std::string& prefix = "") {
    TicketSourceOptions options{.url = gateway.start().url() + prefix};
    options.on_failed = [this](const ClientFailure& f) { probe.note(probe.failures, f.reason); };
    options.on_log = [this](ClientLogLevel, const std::string& t) { probe.note(probe.log, t); };
    options.on_detail = [this](const std::string& text) { probe.note(probe.details, text); };
    return options;
  }

  std::future<TicketResult> begin(const std::string& path = "/board") {
    const auto promise = std::make_shared<std::promise<TicketResult>>();
    source->request(path,
                    [promise](TicketResult result) { promise->set_value(std::move(result)); });
    return promise->get_future();
  }
  TicketResult request(const std::string& path = "/board") {
    auto future = begin(path);
    if (future.wait_for(kLong) == std::future_status::ready) return future.get();
    ADD_FAILURE() << "no answer";
    return {};
  }
  Ticket ticket(const std::string& path = "/board") {
    TicketResult result = request(path);
    EXPECT_TRUE(result.ticket) << result.failure.why.reason;
    return result.ticket.value();
  }
  Lines targets() const {
    Lines list;
    for (const FakeRequest& request : gateway.requests()) list.push_back(request.target);
    return list;
  }

  test::ClientProbe probe;
  FakeGateway gateway;
  std::optional<TicketSource> source;
};

TEST_F(TicketSourceTest, OneRequestIsOneTokenCheckAndOneNewTicket) {
  source.emplace(options());
  const Ticket first = ticket("/board?room=7");
  EXPECT_EQ(first.text(), "00112233445566778899aabbccddeeff");
  const std::string host = gateway.url().substr(std::string("http").size());
  EXPECT_EQ(first.url(), "ws" + host + "/board?room=7&ticket=00112233445566778899aabbccddeeff");
  first.opened("usher.accepted");
  const Ticket second = ticket("");
  EXPECT_EQ(second.url(), "ws" + host + "?ticket=00112233445566778899aabbccddeeff");
  EXPECT_EQ(targets(), (Lines{"/auth/token", "/auth/ticket", "/auth/ticket"}));
}

TEST_F(TicketSourceTest, ThePathIsBelowThePrefixOfTheGateway) {
  TicketSourceOptions fixed = options("/rt/");
  fixed.token_source = TokenSource::fixed("T");
  source.emplace(std::move(fixed));
  const std::string url = ticket("/board").url();
  EXPECT_NE(url.find("/rt/board?ticket="), std::string::npos) << url;
  EXPECT_EQ(targets(), Lines{"/rt/auth/ticket"});
}

TEST_F(TicketSourceTest, AfterAHardRefusalNoRequestLeavesTheMachineUntilReset) {
  std::atomic<bool> refuse = true;
  gateway.on_http = [&](const FakeRequest&) -> FakeAnswer {
    if (refuse) return {403, R"({"code":"ORIGIN_BLOCKED"})"};
    return {200, R"({"ticket":"abc","expires_in":30})"};
  };
  TicketSourceOptions fixed = options();
  fixed.token_source = TokenSource::fixed("T");
  source.emplace(std::move(fixed));
  for (int i = 0; i < 50; ++i) {
    const TicketResult result = request();
    ASSERT_FALSE(result.ticket);
    EXPECT_TRUE(result.failure.hard);
    EXPECT_EQ(result.failure.why.http_status, 403);
    EXPECT_EQ(result.failure.why.reason, "ORIGIN_BLOCKED");
  }
  EXPECT_EQ(targets(), Lines{"/auth/ticket"});
  ASSERT_TRUE(source->failure());
  EXPECT_EQ(source->failure()->reason, "ORIGIN_BLOCKED");
  refuse = false;
  source->reset();
  EXPECT_EQ(ticket().text(), "abc");
  EXPECT_FALSE(source->failure());
  source.reset();
  EXPECT_EQ(probe.failures, Lines{"ORIGIN_BLOCKED"}) << "said once";
}

TEST_F(TicketSourceTest, ANewTokenEndsTheHardFailure) {
  gateway.on_http = [](const FakeRequest& request) -> FakeAnswer {
    if (request.fields.at("authorization") == "Bearer old")
      return {401, R"({"code":"SESSION_REVOKED"})"};
    return {200, R"({"ticket":"abc","expires_in":30})"};
  };
  TicketSourceOptions fixed = options();
  fixed.token_source = TokenSource::fixed("old");
  source.emplace(std::move(fixed));
  EXPECT_TRUE(request().failure.hard);
  source->reset(TokenSource::fixed("new"));
  EXPECT_EQ(ticket().text(), "abc");
  EXPECT_EQ(gateway.requests().size(), 2u);
}

TEST_F(TicketSourceTest, CredentialsNeedNoTokenUntilOneIsGiven) {
  gateway.on_http = [](const FakeRequest& request) -> FakeAnswer {
    if (!request.fields.contains("authorization")) return {401, R"({"code":"NOT_LOGGED_IN"})"};
    return {200, R"({"ticket":"abc","expires_in":30})"};
  };
  TicketSourceOptions with_cookie = options();
  with_cookie.credentials = [] {
    return std::vector<std::pair<std::string, std::string>>{{"Cookie", "sid=1"}};
  };
  source.emplace(std::move(with_cookie));
  EXPECT_EQ(request().failure.why.reason, "NOT_LOGGED_IN");
  source->reset(TokenSource::guest());
  EXPECT_EQ(request().failure.why.reason, "NOT_LOGGED_IN") << "there are no guests beside cookies";
  source->reset(TokenSource::fixed("T"));
  EXPECT_EQ(ticket().text(), "abc");
  EXPECT_EQ(targets(), (Lines{"/auth/ticket", "/auth/ticket", "/auth/ticket"}));
  for (const FakeRequest& request : gateway.requests())
    EXPECT_EQ(request.fields.at("cookie"), "sid=1");
}

TEST_F(TicketSourceTest, AHardCloseStopsItToo) {
  source.emplace(options());
  {
    const Ticket used = ticket();
    used.opened("usher.refused");
    used.ended(1008, "NOT_AUTHORIZED");
    used.ended(1000, "a second report counts for nothing");
  }
  ASSERT_TRUE(probe.wait([&] { return !probe.failures.empty(); }));
  const TicketResult result = request();
  ASSERT_FALSE(result.ticket);
  EXPECT_TRUE(result.failure.hard);
  EXPECT_EQ(result.failure.why.close_code, 1008);
  EXPECT_EQ(targets(), (Lines{"/auth/token", "/auth/ticket"}));
}

TEST_F(TicketSourceTest, ACallerThatAsksAgainAtOnceIsHeldToTheBackoff) {
  source.emplace(options());
  for (int i = 0; i < 3; ++i) ticket().ended(1013, "UPSTREAM_UNAVAILABLE");
  ticket().opened();
  source.reset();
  const auto says = [&](const std::string& part) {
    return std::ranges::count_if(probe.log, [&](const std::string& line) {
      return line.starts_with("[WS] Reconnecting in ") && line.ends_with(part);
    });
  };
  EXPECT_EQ(says("(attempt 1)"), 1);
  EXPECT_EQ(says("(attempt 2)"), 1);
  EXPECT_EQ(says("(attempt 3)"), 1);
  EXPECT_EQ(std::ranges::count(probe.log,
                               "[WS] Disconnected { code: 1013, reason: "
                               "'UPSTREAM_UNAVAILABLE', wasClean: true }"),
            3);
}

TEST_F(TicketSourceTest, ASoftFailureOfACallIsSaidAndTheNextRequestTriesAgain) {
  std::atomic<int> calls = 0;
  gateway.on_http = [&](const FakeRequest&) -> FakeAnswer {
    if (calls++ == 0) return {503, R"({"code":"STORE_UNAVAILABLE"})"};
    return {200, R"({"ticket":"abc","expires_in":30})"};
  };
  TicketSourceOptions fixed = options();
  fixed.token_source = TokenSource::fixed("T");
  source.emplace(std::move(fixed));
  const TicketResult result = request();
  ASSERT_FALSE(result.ticket);
  EXPECT_FALSE(result.failure.hard);
  EXPECT_EQ(result.failure.why.http_status, 503);
  EXPECT_EQ(ticket().text(), "abc");
}

TEST_F(TicketSourceTest, ATicketThatIsDroppedMakesRoomForTheNext) {
  source.emplace(options());
  ticket().ended(1013);
  std::optional<Ticket> kept = ticket();
  auto waiting = begin();  // after a failure one at a time goes on
  std::optional<Ticket> copy = kept;
  kept.reset();
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(0)), std::future_status::timeout);
  copy.reset();
  ASSERT_EQ(waiting.wait_for(kLong), std::future_status::ready);
  EXPECT_TRUE(waiting.get().ticket);
  source.reset();
  EXPECT_EQ(std::ranges::count(probe.log, "[WS] Failed to connect TimeoutError"), 0);
}

TEST_F(TicketSourceTest, ABoundedNumberOfRequestsWaits) {
  TicketSourceOptions silent = options();
  std::vector<TokenReply> replies;
  silent.token_source =
      TokenSource::function([&](bool, TokenReply reply) { replies.push_back(std::move(reply)); });
  source.emplace(std::move(silent));
  std::atomic<std::size_t> answers = 0;
  for (std::size_t i = 0; i < TicketSource::kRequestsMax; ++i)
    source->request("", [&](const TicketResult&) { ++answers; });
  const TicketResult one_more = request();
  EXPECT_FALSE(one_more.ticket);
  EXPECT_FALSE(one_more.failure.hard);
  EXPECT_EQ(one_more.failure.why.reason, "too many requests");
  EXPECT_EQ(answers, 0u);
  source.reset();
  EXPECT_EQ(answers, 0u) << "given up without callbacks";
  EXPECT_EQ(replies.size(), 1u) << "one token call serves all";
}

TEST_F(TicketSourceTest, APathThatCannotBeUsedIsRefusedWithASentence) {
  source.emplace(options());
  for (const char* path : {"board", "/a b", "/\r\n", "/board?ticket=1", "https://evil.example/"})
    EXPECT_THROW(source->request(path, [](const auto&) {}), std::invalid_argument) << path;
  EXPECT_THROW(TicketSource({.url = "ftp://gw.example"}), std::invalid_argument);
}

TEST_F(TicketSourceTest, AThrowingCallbackIsReportedAndBreaksNothing) {
  source.emplace(options());
  source->request("", [](const auto&) { throw std::runtime_error("oops"); });
  ASSERT_TRUE(probe.wait([&] { return probe.details == Lines{"a listener threw: oops"}; }));
  EXPECT_TRUE(request().ticket);
}

TEST_F(TicketSourceTest, ItCanBeDestroyedInACallbackAndATicketOutlivesIt) {
  auto* const raw = new TicketSource(options());
  std::promise<Ticket> promise;
  raw->request("", [&](const TicketResult& result) {
    delete raw;
    promise.set_value(result.ticket.value());
  });
  auto future = promise.get_future();
  ASSERT_EQ(future.wait_for(kLong), std::future_status::ready);
  const Ticket left = future.get();
  left.opened();
  left.ended(1000);
  EXPECT_FALSE(left.url().empty());
}

TEST_F(TicketSourceTest, OnAnExecutorItHasNoThreadOfItsOwn) {
  boost::asio::io_context io;
  source.emplace(options(), io.get_executor());
  bool answered = false;
  source->request("", [&](const TicketResult& result) { answered = result.ticket.has_value(); });
  EXPECT_FALSE(answered);
  while (!answered) io.run_one();
  source.reset();
  io.run();  // ends, for nothing is left to do
}

TEST_F(TicketSourceTest, NoLineShowsATokenOrTicket) {
  source.emplace(options());
  const Ticket used = ticket();
  used.ended(1008, "about 00112233445566778899aabbccddeeff of guest-token");
  ticket().opened();
  source.reset();
  for (const std::string& line : probe.log) {
    EXPECT_EQ(line.find("0011223344"), std::string::npos) << line;
    EXPECT_EQ(line.find("guest-token"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace usher
