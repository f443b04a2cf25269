#include "wire/ws_handshake.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

using Fields = std::vector<HttpField>;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kTicket = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kOther = "fedcba9876543210fedcba9876543210";

// A good upgrade; each test spoils or adds something.
struct Builder {
  HttpRequest request{.method = "GET", .target = "/ws", .fields = good_fields(), .body = ""};

  static Fields good_fields() {
    return {{"Host", "usher.example"},
            {"Upgrade", "websocket"},
            {"Connection", "Upgrade"},
            {"Sec-WebSocket-Key", kKey},
            {"Sec-WebSocket-Version", "13"}};
  }
  Builder& without(std::string_view name) {
    std::erase_if(request.fields, [&](const HttpField& field) { return field.name == name; });
    return *this;
  }
  Builder& with(std::string_view name, std::string_view value) {
    request.fields.push_back({name, value});
    return *this;
  }
  Builder& replace(std::string_view name, std::string_view value) {
    return without(name).with(name, value);
  }
  Builder& target(std::string_view target) {
    request.target = target;
    return *this;
  }
  UpgradeOutcome outcome() const { return read_upgrade(request).outcome; }
};

TEST(WsHandshakeTest, AWellFormedUpgradeIsTaken) {
  const Upgrade upgrade = read_upgrade(Builder().request);
  EXPECT_EQ(upgrade.outcome, UpgradeOutcome::ok);
  EXPECT_EQ(upgrade.key, kKey);
  EXPECT_FALSE(upgrade.subprotocol_offered);
  EXPECT_EQ(upgrade.ticket_offer, TicketOffer::none);
}

TEST(WsHandshakeTest, NamesAndTokensHaveNoCaseAndComeInLists) {
  EXPECT_EQ(Builder()
                .without("Upgrade")
                .without("Connection")
                .with("uPGRADE", "h2c, WebSocket")
                .with("connection", "keep-alive ,\tUPGRADE")
                .outcome(),
            UpgradeOutcome::ok);
  EXPECT_EQ(Builder().replace("Connection", "keep-alive").with("Connection", "upgrade").outcome(),
            UpgradeOutcome::ok);
  EXPECT_EQ(Builder().replace("Upgrade", ",,websocket,").outcome(), UpgradeOutcome::ok);
}

TEST(WsHandshakeTest, WithoutWebsocketInUpgradeItIsAnOrdinaryRequest) {
  EXPECT_EQ(Builder().without("Upgrade").outcome(), UpgradeOutcome::not_an_upgrade);
  for (const auto* value : {"", "h2c", "websockets", "web socket", "websocket/13", "xwebsocket"}) {
    EXPECT_EQ(Builder().replace("Upgrade", value).outcome(), UpgradeOutcome::not_an_upgrade)
        << value;
  }
}

TEST(WsHandshakeTest, AnUpgradeThatLacksSomethingIsABadRequest) {
  for (const auto* name : {"Host", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}) {
    EXPECT_EQ(Builder().without(name).outcome(), UpgradeOutcome::bad_request) << name;
  }
  EXPECT_EQ(Builder().replace("Connection", "keep-alive, upgraded").outcome(),
            UpgradeOutcome::bad_request);
  for (const auto* method : {"POST", "HEAD", "get", "OPTIONS"}) {
    Builder builder;
    builder.request.method = method;
    EXPECT_EQ(builder.outcome(), UpgradeOutcome::bad_request) << method;
  }
  Builder old;
  old.request.minor_version = 0;
  EXPECT_EQ(old.outcome(), UpgradeOutcome::bad_request);
  Builder body;
  body.request.body = "x";
  EXPECT_EQ(body.outcome(), UpgradeOutcome::bad_request);
}

TEST(WsHandshakeTest, FieldsThatMustBeSingleAre) {
  EXPECT_EQ(Builder().with("sec-websocket-key", kKey).outcome(), UpgradeOutcome::bad_request);
  EXPECT_EQ(Builder().with("sec-websocket-version", "13").outcome(), UpgradeOutcome::bad_request);
  EXPECT_EQ(Builder().with("host", "usher.example").outcome(), UpgradeOutcome::bad_request);
}

TEST(WsHandshakeTest, OnlyVersion13IsSpoken) {
  for (const auto* version : {"0", "7", "8", "12", "14", "013", "13, 8", "+13", "13;", ""}) {
    EXPECT_EQ(Builder().replace("Sec-WebSocket-Version", version).outcome(),
              UpgradeOutcome::wrong_version)
        << version;
  }
  // Drafts before version 4 had no key: they are told the version all the same.
  EXPECT_EQ(Builder().replace("Sec-WebSocket-Version", "0").without("Sec-WebSocket-Key").outcome(),
            UpgradeOutcome::wrong_version);
}

TEST(WsHandshakeTest, TheKeyIsCanonicalBase64Of16Bytes) {
  for (const auto* key : {"AAAAAAAAAAAAAAAAAAAAAA==", "////////////////////+w=="}) {
    EXPECT_EQ(Builder().replace("Sec-WebSocket-Key", key).outcome(), UpgradeOutcome::ok) << key;
  }
  for (const auto* key :
       {"", "x", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZQAA", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZQ=A",
        "dGhlIHNhbXBsZSBub25j-Q==", "dGhlIHNhbXBsZSBub25j_Q==", "dGhlIHNhbXBsZSBub2 jZQ==",
        "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ=="}) {
    EXPECT_EQ(Builder().replace("Sec-WebSocket-Key", key).outcome(), UpgradeOutcome::bad_request)
        << key;
  }
}

TEST(WsHandshakeTest, TheKeysLastDigitCarriesTwoBitsOnly) {
  std::string taken;
  for (const char digit :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
    const std::string key = "dGhlIHNhbXBsZSBub25jZ" + std::string(1, digit) + "==";
    if (Builder().replace("Sec-WebSocket-Key", key).outcome() == UpgradeOutcome::ok) taken += digit;
  }
  EXPECT_EQ(taken, "AQgw");
}

TEST(WsHandshakeTest, TheSubprotocolIsSeenInAnyOfSeveralLists) {
  const auto offered = [](Builder& builder) {
    const Upgrade upgrade = read_upgrade(builder.request);
    EXPECT_EQ(upgrade.outcome, UpgradeOutcome::ok);
    return upgrade.subprotocol_offered;
  };
  constexpr std::string_view kField = "Sec-WebSocket-Protocol";
  EXPECT_TRUE(offered(Builder().with(kField, "usher.v1.json")));
  EXPECT_TRUE(offered(Builder().with(kField, "mqtt ,usher.v1.json\t, soap")));
  EXPECT_TRUE(
      offered(Builder().with(kField, "mqtt").with("sec-websocket-protocol", "usher.v1.json")));
  EXPECT_FALSE(offered(Builder().with(kField, "USHER.V1.JSON")));
  EXPECT_FALSE(offered(Builder().with(kField, "usher.v1.json2, usher.v1")));
  EXPECT_FALSE(offered(Builder().with(kField, "")));
}

struct TicketCase {
  std::string query;
  std::string protocols;
  TicketOffer offer;
  std::string_view ticket;
};

TEST(WsHandshakeTest, TicketsAreFoundInQueryAndSubprotocols) {
  const std::string t(kTicket);
  const std::string o(kOther);
  const std::string v1 = "usher.v1.json";
  const std::string p = "usher.ticket.";
  const std::string upper = "0123456789ABCDEF0123456789abcdef";
  const TicketCase cases[] = {
      {"?ticket=" + t, "", TicketOffer::one, kTicket},
      {"?a=1&ticket=" + t + "&b=2", "", TicketOffer::one, kTicket},
      {"?ticket=" + t + "&ticket=" + t, "", TicketOffer::one, kTicket},
      {"", v1 + ", " + p + t, TicketOffer::one, kTicket},
      {"", p + t + "," + v1, TicketOffer::one, kTicket},
      {"?ticket=" + t, v1 + ", " + p + t, TicketOffer::one, kTicket},
      {"?ticket=" + t + "&ticket=" + o, "", TicketOffer::several, ""},
      {"?ticket=" + t + "&ticket=" + o + "&ticket=" + t, "", TicketOffer::several, ""},
      {"?ticket=" + o, v1 + ", " + p + t, TicketOffer::several, ""},
      {"", v1 + ", " + p + t + ", " + p + o, TicketOffer::several, ""},
      {"?ticket=" + t + "&ticket=x", "", TicketOffer::several, ""},
      {"?ticket=" + t + "&ticket=", "", TicketOffer::several, ""},
      {"?ticket=&ticket=" + t, "", TicketOffer::several, ""},
      {"", "", TicketOffer::none, ""},
      {"?", v1, TicketOffer::none, ""},
      {"?ticket", "", TicketOffer::none, ""},
      {"?ticket=", "", TicketOffer::none, ""},
      {"?ticket=&ticket=", "", TicketOffer::none, ""},
      {"?tickets=" + t + "&xticket=" + t + "&Ticket=" + t, "", TicketOffer::none, ""},
      {"", v1 + ", " + p, TicketOffer::none, ""},
      {"", v1 + ", usher.ticket" + t, TicketOffer::none, ""},
      {"?ticket=x", "", TicketOffer::malformed, "x"},
      {"?ticket=" + t + "0", "", TicketOffer::malformed, "0123456789abcdef0123456789abcdef0"},
      {"?ticket=" + t.substr(1), "", TicketOffer::malformed, "123456789abcdef0123456789abcdef"},
      {"?ticket=" + upper, "", TicketOffer::malformed, upper},
      {"?ticket=%30" + t.substr(1), "", TicketOffer::malformed,
       "%30123456789abcdef0123456789abcdef"},
      {"?ticket=g" + t.substr(1), "", TicketOffer::malformed, "g123456789abcdef0123456789abcdef"},
  };
  for (const TicketCase& c : cases) {
    Builder builder;
    const std::string target = "/ws" + c.query;
    builder.target(target);
    if (!c.protocols.empty()) builder.with("Sec-WebSocket-Protocol", c.protocols);
    const Upgrade upgrade = read_upgrade(builder.request);
    EXPECT_EQ(upgrade.outcome, UpgradeOutcome::ok) << c.query << ' ' << c.protocols;
    EXPECT_EQ(upgrade.ticket_offer, c.offer) << c.query << ' ' << c.protocols;
    EXPECT_EQ(upgrade.ticket, c.ticket) << c.query << ' ' << c.protocols;
  }
}

TEST(WsHandshakeTest, ATicketAsSubprotocolNeedsTheProtocolItselfBesideIt) {
  const std::string protocol = "usher.ticket." + std::string(kTicket);
  EXPECT_EQ(Builder().with("Sec-WebSocket-Protocol", protocol).outcome(),
            UpgradeOutcome::lone_ticket);
  EXPECT_EQ(Builder()
                .with("Sec-WebSocket-Protocol", protocol)
                .with("Sec-WebSocket-Protocol", "usher.v1.json")
                .outcome(),
            UpgradeOutcome::ok);
}

// A question of a proxy about an upgrade that came to it.
class OfferedTicketTest : public testing::Test {
 protected:
  static constexpr std::string_view kUriFields[] = {"x-original-uri", "x-forwarded-uri"};

  static OfferedTicket read(std::string_view target, Fields fields) {
    return read_offered_ticket({.method = "GET", .target = target, .fields = std::move(fields)},
                               kUriFields);
  }
  static std::string ticket(std::string_view value) { return "?ticket=" + std::string(value); }
};

TEST_F(OfferedTicketTest, IsFoundInEachPlace) {
  const std::string uri = "/board?room=7&ticket=" + std::string(kTicket);
  const std::string url = "https://app.example" + uri + "#ticket=" + std::string(kOther);
  const std::string protocol = "chat, usher.ticket." + std::string(kTicket);
  for (const OfferedTicket& found :
       {read("/auth/verify?ticket=0123456789abcdef0123456789abcdef", {}),
        read("/auth/verify", {{"X-Original-URI", uri}}),
        read("/auth/verify", {{"x-forwarded-uri", url}}),
        read("/auth/verify", {{"Sec-WebSocket-Protocol", protocol}}),
        read("/auth/verify", {{"X-Original-URI", uri},
                              {"X-Forwarded-Uri", url},
                              {"Sec-WebSocket-Protocol", protocol}})}) {
    EXPECT_EQ(found.offer, TicketOffer::one);
    EXPECT_EQ(found.ticket, kTicket);
  }
}

TEST_F(OfferedTicketTest, OfTwoDifferentOnesNoneIsTaken) {
  const std::string uri = "/board" + ticket(kTicket);
  const std::string other = "/board" + ticket(kOther);
  const std::string protocol = "usher.ticket." + std::string(kOther);
  for (const OfferedTicket& found :
       {read("/auth/verify?ticket=0123456789abcdef0123456789abcdef", {{"X-Original-URI", other}}),
        read("/auth/verify", {{"X-Original-URI", uri}, {"X-Original-URI", other}}),
        read("/auth/verify", {{"X-Original-URI", uri}, {"X-Forwarded-Uri", other}}),
        read("/auth/verify", {{"X-Original-URI", uri}, {"Sec-WebSocket-Protocol", protocol}})}) {
    EXPECT_EQ(found.offer, TicketOffer::several);
    EXPECT_EQ(found.ticket, "");
  }
}

TEST_F(OfferedTicketTest, OtherPlacesAndOtherTextsAreNone) {
  const std::string uri = "/board" + ticket(kTicket);
  const std::string ticket_path = "/ticket=" + std::string(kTicket);
  EXPECT_EQ(read("/auth/verify", {}).offer, TicketOffer::none);
  EXPECT_EQ(read("/auth/verify", {{"Referer", uri}, {"X-Original-URL", uri}}).offer,
            TicketOffer::none);
  EXPECT_EQ(read("/auth/verify", {{"X-Original-URI", ticket_path}}).offer, TicketOffer::none);
  EXPECT_EQ(read("/auth/verify", {{"X-Original-URI", "/board?ticket="}}).offer, TicketOffer::none);
  EXPECT_EQ(read("/auth/verify", {{"X-Original-URI", "/board?ticket=XYZ"}}).offer,
            TicketOffer::malformed);
}

TEST(WsHandshakeTest, TheAcceptKeyIsTheRfcsExample) {
  EXPECT_EQ(accept_key(kKey), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WsHandshakeTest, The101EchoesTheSubprotocolOnlyWhenTold) {
  std::string out;
  append_switching_protocols(out, kKey, {.subprotocol = kSubprotocol});
  EXPECT_EQ(out,
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "Sec-WebSocket-Protocol: usher.v1.json\r\n"
            "\r\n");
  out.clear();
  append_switching_protocols(out, kKey, {});
  EXPECT_EQ(out,
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "\r\n");
}

}  // namespace
}  // namespace usher::wire
