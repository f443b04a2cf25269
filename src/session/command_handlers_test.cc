#include "session/command_handlers.h"

#include <regex>

#include "limits/address_key.h"
#include "session/fake_session.h"

namespace usher::session {
namespace {

using namespace std::chrono_literals;
using Close = RecordingOutlet::Close;

class CommandsTest : public SessionTest {};

TEST_F(CommandsTest, RepliesOfOneFrameLeaveAsOneFrameInTheirOrder) {
  const auto peer = connected();
  say(*peer,
      "{\"id\":1,\"subscribe\":{\"channel\":\"open:a\"}}\n{\"id\":2,\"ping\":{}}\n"
      "{\"id\":3,\"unsubscribe\":{\"channel\":\"open:a\"}}");
  ASSERT_EQ(peer->outlet.sent.size(), 2u);
  EXPECT_TRUE(std::regex_match(
      peer->last(),
      std::regex(
          R"(\{"id":1,"subscribe":\{.*\}\}\n\{"id":2,"ping":\{\}\}\n\{"id":3,"unsubscribe":\{\}\})")))
      << peer->last();
}

TEST_F(CommandsTest, ADeliveryNeverOvertakesTheReplyThatComesBeforeIt) {
  const auto peer = connected();
  say(*peer,
      "{\"id\":1,\"subscribe\":{\"channel\":\"open:a\"}}\n"
      "{\"id\":2,\"publish\":{\"channel\":\"open:a\",\"data\":{\"n\":1}}}");
  std::string all;
  for (std::size_t i = 1; i < peer->outlet.sent.size(); ++i) all += peer->outlet.sent[i] + "\n";
  const auto subscribed = all.find("\"id\":1");
  const auto delivered = all.find("\"pub\"");
  ASSERT_NE(subscribed, std::string::npos);
  ASSERT_NE(delivered, std::string::npos);
  EXPECT_LT(subscribed, delivered);
  EXPECT_NE(all.find(R"({"id":2,"publish":{}})"), std::string::npos);
}

TEST_F(CommandsTest, PayloadsArriveByteForByte) {
  const auto peer = connected();
  say(*peer, R"({"id":1,"subscribe":{"channel":"open:a"}})");
  say(*peer,
      R"({"id":2,"publish":{"channel":"open:a","data":{"n":12345678901234567890123,"x":1.0}}})");
  bool found = false;
  for (const std::string& text : peer->outlet.sent) {
    found =
        found || text.find(R"("data":{"n":12345678901234567890123,"x":1.0})") != std::string::npos;
  }
  EXPECT_TRUE(found);
}

TEST_F(CommandsTest, AMalformedPayloadIsRefusedAndNobodyIsDisconnected) {
  const auto peer = connected();
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  for (const std::string& data :
       {std::string(R"({"x":tru, 1 2})"), std::string("[1,,2]"), std::string("01"), deep,
        std::string("{\"a\":1"), std::string("'x'"), std::string("nul"), std::string("[1,]")}) {
    say(*peer, R"({"id":7,"publish":{"channel":"open:a","data":)" + data + "}}");
    EXPECT_FALSE(peer->outlet.closed) << data;
    EXPECT_NE(peer->last().find(R"({"id":7,"error":{"code":107)"), std::string::npos)
        << data << " → " << peer->last();
  }
}

TEST_F(CommandsTest, WhatNoCorrectClientSendsEndsTheConnection) {
  for (const char* text :
       {"x", "[]", "{\"subscribe\":{\"channel\":\"a\"}}", "{\"id\":0,\"ping\":{}}", "\"\""}) {
    const auto peer = connected();
    say(*peer, text);
    EXPECT_EQ(peer->outlet.closed, (Close{3501, "BAD_REQUEST"})) << text;
  }
}

TEST_F(CommandsTest, RightsAreKept) {
  const auto peer = connected();
  say(*peer, R"({"id":1,"subscribe":{"channel":"session:other"}})");
  EXPECT_NE(peer->last().find("\"code\":103"), std::string::npos) << peer->last();
  say(*peer, R"({"id":2,"publish":{"channel":"session:s1","data":{}}})");
  EXPECT_NE(peer->last().find("\"code\":103"), std::string::npos) << peer->last();
  say(*peer, R"({"id":3,"subscribe":{"channel":"session:s1"}})");
  EXPECT_NE(peer->last().find(R"("id":3,"subscribe")"), std::string::npos) << peer->last();
}

TEST_F(CommandsTest, CommandsAreCountedAgainstTheLimit) {
  options.commands = {.count = 3, .per = 1s};
  const auto peer = connected();
  for (int i = 1; i <= 3; ++i) {
    say(*peer, R"({"id":1,"ping":{}})");
    EXPECT_EQ(peer->last(), R"({"id":1,"ping":{}})");
  }
  say(*peer, R"({"id":4,"ping":{}})");
  EXPECT_NE(peer->last().find("\"code\":111"), std::string::npos) << peer->last();
  EXPECT_NE(peer->last().find("\"temporary\":true"), std::string::npos) << peer->last();
  advance(1s);
  say(*peer, R"({"id":5,"ping":{}})");
  EXPECT_EQ(peer->last(), R"({"id":5,"ping":{}})");
}

TEST_F(CommandsTest, AnAnswerToAPingIsFreeAndAnyOtherPongCostsWhatACommandDoes) {
  options.commands = {.count = 3, .per = 1h};
  const auto peer = connected();
  for (int i = 0; i < 5; ++i) {
    pass(*peer, 25s);
    say(*peer, "{}");
  }
  say(*peer, R"({"id":1,"ping":{}})");
  EXPECT_EQ(peer->last(), R"({"id":1,"ping":{}})");
  say(*peer, "{}\n{}\n{}");
  say(*peer, R"({"id":2,"ping":{}})");
  EXPECT_NE(peer->last().find("\"code\":111"), std::string::npos) << peer->last();
  pass(*peer, 25s);
  say(*peer, "{}");
  pass(*peer, 12s);
  EXPECT_FALSE(peer->outlet.closed) << "the answer to a ping counts even then";
}

TEST_F(CommandsTest, WhatTheEngineHasAcceptedIsCounted) {
  const auto peer = connected();
  say(*peer, R"({"id":1,"subscribe":{"channel":"open:a"}})");
  say(*peer, R"({"id":2,"publish":{"channel":"open:a","data":1}})");
  say(*peer, R"({"id":3,"publish":{"channel":"nowhere:a","data":1}})");
  EXPECT_EQ(observer.published, 1);
}

// ---- refresh ----

TEST_F(CommandsTest, AJwtInARefreshIsPaidForByTheConnectionsAddress) {
  dependencies.tokens = &door;
  door.exp = unix_seconds(wall_clock.now()) + 60;
  const auto peer = connected();
  const std::pair<const char*, const char*> kTable[] = {{"good.jwt", "\"ttl\":60"},
                                                        {"forged.jwt", "\"code\":109"},
                                                        {"busy.jwt", "\"code\":111"},
                                                        {"new.jwt", "\"code\":100"}};
  for (const auto& [token, answer] : kTable) {
    say(*peer, R"({"id":1,"refresh":{"token":")" + std::string(token) + R"("}})");
    EXPECT_NE(peer->last().find(answer), std::string::npos) << token << " " << peer->last();
    EXPECT_FALSE(peer->outlet.closed) << token;
  }
  EXPECT_EQ(door.addresses,
            std::vector(std::size(kTable), limits::address_key(std::string_view("192.0.2.7"))));
}

TEST_F(CommandsTest, EachTokenThatAConnectionHadAndIsStillGoodNamesIt) {
  const auto with_jti = [&](const std::string& jti, std::int64_t life) {
    ticket::Grant made = grant();
    made.jti = jti;
    made.token_exp = unix_seconds(wall_clock.now()) + life;
    return ticket(made);
  };
  const auto disconnect = [&](const std::string& jti) {
    const auto closed = hub.on_order(hub::DisconnectOrder{.target = {.jti = jti}}).connections;
    run_turns();
    return closed;
  };
  const auto peer = open(with_jti("one", 3600));
  say(*peer, R"({"id":1,"refresh":{"token":")" + with_jti("two", 7200) + R"("}})");
  say(*peer, R"({"id":2,"refresh":{"token":")" + with_jti("three", 7200) + R"("}})");
  EXPECT_EQ(disconnect("none"), 0u);
  advance(3600s + 31s);  // "one" has ended, the leeway included
  say(*peer, R"({"id":3,"refresh":{"token":")" + with_jti("four", 7200) + R"("}})");
  EXPECT_EQ(disconnect("one"), 0u);
  EXPECT_FALSE(peer->outlet.closed);
  EXPECT_EQ(disconnect("two"), 1u);
  EXPECT_TRUE(peer->outlet.closed);
}

TEST_F(CommandsTest, ARefreshProlongsTheConnection) {
  options.ping_interval = 1h;
  ticket::Grant short_lived = grant();
  short_lived.token_exp = unix_seconds(wall_clock.now()) + 10;
  const auto peer = open(ticket(short_lived));
  pass(*peer, 9s);
  say(*peer, R"({"id":1,"refresh":{"token":")" + ticket(grant()) + R"("}})");
  EXPECT_NE(peer->last().find(R"({"id":1,"refresh":{"client":")"), std::string::npos)
      << peer->last();
  EXPECT_NE(peer->last().find("\"ttl\":3600"), std::string::npos) << peer->last();
  pass(*peer, 60s);
  EXPECT_FALSE(peer->outlet.closed);
}

TEST_F(CommandsTest, AGuestLogsInOnTheLiveSocketAndGetsTheUsersChannel) {
  const auto peer = connected();
  ticket::Grant user = grant();
  user.user = "ada";
  say(*peer, R"({"id":1,"refresh":{"token":")" + ticket(user) + R"("}})");
  bool subscribed = false;
  for (const std::string& text : peer->outlet.sent) {
    subscribed = subscribed ||
                 text.find(R"({"push":{"channel":"user:ada","subscribe":)") != std::string::npos;
  }
  EXPECT_TRUE(subscribed);
  EXPECT_FALSE(peer->outlet.closed);

  // No other user can take over the connection afterwards.
  user.user = "eve";
  say(*peer, R"({"id":2,"refresh":{"token":")" + ticket(user) + R"("}})");
  EXPECT_EQ(peer->outlet.closed, (Close{3501, "BAD_REQUEST"}));
}

TEST_F(CommandsTest, ARefreshForAnotherSessionIsNoRefresh) {
  const auto peer = connected();
  ticket::Grant other = grant();
  other.session = "s2";
  say(*peer, R"({"id":1,"refresh":{"token":")" + ticket(other) + R"("}})");
  EXPECT_EQ(peer->outlet.closed, (Close{3501, "BAD_REQUEST"}));
}

TEST_F(CommandsTest, ARefreshWithASpentTicketIsAnswered109) {
  const std::string spent = ticket(grant());
  const auto peer = open(spent);
  say(*peer, R"({"id":1,"refresh":{"token":")" + spent + R"("}})");
  EXPECT_NE(peer->last().find(R"({"id":1,"error":{"code":109)"), std::string::npos) << peer->last();
  EXPECT_FALSE(peer->outlet.closed);
}

TEST_F(CommandsTest, ARefreshAfterARevocationEndsTheConnection) {
  const auto peer = connected();
  const std::string fresh = ticket(grant());
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::session, "s1", 1h, wall_clock.now()));
  say(*peer, R"({"id":1,"refresh":{"token":")" + fresh + R"("}})");
  EXPECT_EQ(peer->outlet.closed, (Close{3520, "SESSION_REVOKED"}));
}

// ---- subscriptions on the ticket ----

TEST_F(CommandsTest, WishesOnTheTicketAreAnsweredInTheConnectPush) {
  const auto publisher = connected();
  say(*publisher, R"({"id":1,"publish":{"channel":"open:a","data":1}})");
  say(*publisher, R"({"id":2,"publish":{"channel":"open:a","data":2}})");
  say(*publisher, R"({"id":3,"subscribe":{"channel":"open:a"}})");
  std::smatch found;
  const std::string reply = publisher->last();
  ASSERT_TRUE(std::regex_search(reply, found, std::regex("\"epoch\":\"([^\"]+)\"")));
  ticket::Grant wishing = grant();
  wishing.subs = R"({"open:a":{"recover":true,"epoch":")" + found[1].str() +
                 R"(","offset":1},"open:b":{},"secret":{}})";
  const auto peer = open(ticket(wishing));
  const std::string& connect = peer->outlet.sent.front();
  EXPECT_NE(connect.find(R"("data":2,)"), std::string::npos) << connect;
  EXPECT_NE(connect.find(R"("recovered":true)"), std::string::npos) << connect;
  EXPECT_NE(connect.find(R"("open:b":{)"), std::string::npos) << connect;
  EXPECT_NE(connect.find(R"("secret":{"error":{"code":)"), std::string::npos) << connect;
}

// ---- one command at a time ----

class CommandHandlersTest : public SessionTest {
 protected:
  CommandHandlersTest() { session.go_live(); }
  template <class Request>
  void carry_out_one(Request request) {
    carry_out(session, {.id = 7, .request = std::move(request)});
  }
  RecordingOutlet outlet;
  FakeSession session{outlet, dependencies};
};

TEST_F(CommandHandlersTest, CommandsOfTheConnectionAreTheSessionsToCarryOut) {
  carry_out_one(wire::Pong{});
  carry_out_one(wire::RefreshCommand{.token = "t"});
  EXPECT_TRUE(outlet.sent.empty());
  carry_out_one(wire::ConnectCommand{.token = "t"});
  EXPECT_EQ(session.calls, (std::vector<std::string>{"pong", "refresh 7 t", "end 3501"}));
}

TEST_F(CommandHandlersTest, ErrorsOfTheReaderAreAnsweredIfTheyHaveAnId) {
  carry_out_one(wire::CommandError::bad_request);
  carry_out_one(wire::CommandError::method_not_found);
  ASSERT_EQ(outlet.sent.size(), 2u);
  EXPECT_NE(outlet.sent[0].find("\"code\":107"), std::string::npos);
  EXPECT_NE(outlet.sent[1].find("\"code\":104"), std::string::npos);
  carry_out_one(wire::CommandError::malformed);
  EXPECT_EQ(session.calls, std::vector<std::string>{"end 3501"});
}

TEST_F(CommandHandlersTest, EachAnswerCarriesTheIdOfItsCommand) {
  carry_out_one(wire::SubscribeCommand{.channel = "open:a"});
  carry_out_one(wire::PublishCommand{.channel = "open:a", .data = "1"});
  carry_out_one(wire::PresenceCommand{.channel = "open:a"});
  carry_out_one(wire::PresenceStatsCommand{.channel = "open:a"});
  carry_out_one(wire::HistoryCommand{.channel = "open:a", .limit = 1});
  carry_out_one(wire::SubRefreshCommand{.channel = "open:a"});
  carry_out_one(wire::UnsubscribeCommand{.channel = "open:a"});
  carry_out_one(wire::PingCommand{});
  carry_out_one(wire::RpcCommand{.method = "m"});
  std::erase_if(outlet.sent, [](const std::string& text) { return text.starts_with("{\"push\""); });
  const char* const kAnswers[] = {"subscribe\":{",
                                  "publish\":{}",
                                  "presence\":{\"presence",
                                  "presence_stats\":{\"num_clients",
                                  "history\":{\"publications",
                                  "error\":{\"code\":108",
                                  "unsubscribe\":{}",
                                  "ping\":{}",
                                  "error\":{\"code\":108"};
  ASSERT_EQ(outlet.sent.size(), std::size(kAnswers));
  for (std::size_t i = 0; i < std::size(kAnswers); ++i) {
    EXPECT_TRUE(outlet.sent[i].starts_with(std::string("{\"id\":7,\"") + kAnswers[i]))
        << outlet.sent[i];
  }
}

TEST_F(CommandHandlersTest, PongsAndSubscriptionsHaveTheirOwnPrice) {
  EXPECT_EQ(price_of({.request = wire::Pong{}}), Price::answer);
  EXPECT_EQ(price_of({.request = wire::SubscribeCommand{}}), Price::subscribe);
  EXPECT_EQ(price_of({.request = wire::PublishCommand{}}), Price::rate);
  EXPECT_EQ(price_of({.request = wire::CommandError::malformed}), Price::rate);
}

}  // namespace
}  // namespace usher::session
