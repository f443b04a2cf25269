#include "doors/upstream_verdict.h"

#include <gtest/gtest.h>

#include "wire/ws_handshake.h"

namespace usher::doors {
namespace {

using namespace std::chrono_literals;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";  // RFC 6455 section 1.3
constexpr WallTime kNow{1'445'412'480s};  // Wed, 21 Oct 2015 07:28:00 GMT

Offer offer() {
  return {.key = std::string(kKey),
          .protocols = {"chat", "superchat"},
          .extensions = "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame"};
}

UpstreamVerdict judged(int status, Fields fields = {}, const Offer& offered = offer()) {
  return judge({.status = status, .fields = std::move(fields)}, offered, kNow);
}

// The fields of a good 101, with those of `others` in place of, or beside, its own.
Fields switching(const Fields& others = {}) {
  Fields fields{{"Upgrade", "websocket"},
                {"Connection", "Upgrade"},
                {"Sec-WebSocket-Accept", std::string(kAccept)}};
  for (const auto& [name, value] : others) {
    std::erase_if(fields, [&](const auto& field) { return field.first == name; });
    if (value != "(none)") fields.emplace_back(name, value);
  }
  return fields;
}

TEST(UpstreamVerdictTest, EachStatusBut101FallsIntoItsClass) {
  for (int status = 100; status <= 599; ++status) {
    if (status == 101) continue;
    UpstreamResult expected = UpstreamResult::wrong;
    if (status >= 400) expected = UpstreamResult::refused;
    if (status >= 500 || status == 408 || status == 425 || status == 429) {
      expected = UpstreamResult::unavailable;
    }
    // What a 101 would need does not change it.
    for (const Fields& fields : {Fields{}, switching()}) {
      const UpstreamVerdict verdict = judged(status, fields);
      EXPECT_EQ(verdict.result, expected) << status;
      EXPECT_TRUE(verdict.what.starts_with("it answered " + std::to_string(status)))
          << verdict.what;
      EXPECT_EQ(verdict.protocol, "");
      EXPECT_EQ(verdict.extensions, "");
    }
  }
}

TEST(UpstreamVerdictTest, WhatIsNoStatusOfHttpIsSoft) {
  for (const int status : {0, 42, 99}) {
    EXPECT_EQ(judged(status).result, UpstreamResult::wrong) << status;
  }
  for (const int status : {600, 999}) {
    EXPECT_EQ(judged(status).result, UpstreamResult::unavailable) << status;
  }
}

TEST(UpstreamVerdictTest, AnOrdinaryAnswerAsksForTheAddressOfTheWebSocket) {
  for (const int status : {200, 204, 301, 304}) {
    EXPECT_NE(judged(status).what.find("upstreams.url"), std::string::npos) << status;
  }
  EXPECT_EQ(judged(404).what.find("upstreams.url"), std::string::npos);
}

TEST(UpstreamVerdictTest, ReadsRetryAfterAsSecondsAndAsADate) {
  struct Row {
    std::string value;
    std::optional<std::chrono::milliseconds> expected;
  };
  for (const Row& row : {
           Row{"0", 0s},
           Row{"7", 7s},
           Row{"86400", 86'400s},
           Row{"86401", 86'400s},  // no longer than a day
           Row{"999999999999", 86'400s},
           Row{"-5", 0s},
           Row{"Wed, 21 Oct 2015 07:28:00 GMT", 0s},
           Row{"Wed, 21 Oct 2015 07:28:30 GMT", 30s},
           Row{"Wed, 21 Oct 2015 08:28:00 GMT", 3600s},
           Row{"Wed, 21 Oct 2015 07:27:00 GMT", 0s},  // is over
           Row{"Sun, 06 Nov 1994 08:49:37 GMT", 0s},
           Row{"Fri, 21 Oct 2044 07:28:00 GMT", 86'400s},
           Row{"", {}},
           Row{"7s", {}},
           Row{"7.5", {}},
           Row{"+7", {}},
           Row{"soon", {}},
           Row{"Wed, 21 Oct 2015 07:28:00", {}},
           Row{"Wed, 21 Oct 2015 07:28:00 CEST", {}},
           Row{"7, 8", {}},
       }) {
    EXPECT_EQ(judged(503, {{"Retry-After", row.value}}).retry_after, row.expected) << row.value;
  }
  EXPECT_EQ(judged(503).retry_after, std::nullopt);
}

TEST(UpstreamVerdictTest, OnlyATemporaryAnswerHasARetryAfter) {
  const Fields fields{{"retry-after", "7"}};
  for (const int status : {408, 425, 429, 500, 502, 503, 599}) {
    EXPECT_EQ(judged(status, fields).retry_after, 7s) << status;
  }
  for (const int status : {200, 302, 400, 401, 403, 404, 499}) {
    EXPECT_EQ(judged(status, fields).retry_after, std::nullopt) << status;
  }
}

TEST(UpstreamVerdictTest, AGood101OpensTheTunnelWithTheUpstreamsChoice) {
  struct Row {
    Fields others;
    std::string protocol, extensions;
  };
  for (const Row& row : {
           Row{{}, "", ""},
           Row{{{"Upgrade", "WebSocket"}, {"Connection", "keep-alive, UPGRADE"}}, "", ""},
           Row{{{"Upgrade", "h2c, websocket"}, {"Connection", " upgrade\t"}}, "", ""},
           Row{{{"Sec-WebSocket-Protocol", "chat"}}, "chat", ""},
           Row{{{"sec-websocket-protocol", "superchat"}}, "superchat", ""},
           Row{{{"Sec-WebSocket-Extensions", "permessage-deflate"}}, "", "permessage-deflate"},
           Row{{{"Sec-WebSocket-Extensions", "permessage-deflate;server_no_context_takeover"}},
               "",
               "permessage-deflate;server_no_context_takeover"},
           Row{{{"Sec-WebSocket-Extensions", "x-webkit-deflate-frame, permessage-deflate"}},
               "",
               "x-webkit-deflate-frame, permessage-deflate"},
           Row{{{"Sec-WebSocket-Protocol", "chat"},
                {"Sec-WebSocket-Extensions", "permessage-deflate"},
                {"Set-Cookie", "a=b"},
                {"Retry-After", "7"}},
               "chat",
               "permessage-deflate"},
       }) {
    const UpstreamVerdict verdict = judged(101, switching(row.others));
    EXPECT_EQ(verdict.result, UpstreamResult::opened) << verdict.what;
    EXPECT_EQ(verdict.what, "");
    EXPECT_EQ(verdict.protocol, row.protocol);
    EXPECT_EQ(verdict.extensions, row.extensions);
    EXPECT_EQ(verdict.retry_after, std::nullopt);
  }
}

TEST(UpstreamVerdictTest, A101ThatBreaksTheProtocolIsWrongAndSaysWhy) {
  const std::string accept(kAccept);
  std::string lower = accept;
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  struct Row {
    Fields others;
    std::string_view what;
  };
  constexpr std::string_view kFields = "'Upgrade: websocket'",
                             kWrongAccept = "Sec-WebSocket-Accept", kProtocol = "subprotocol",
                             kExtension = "extension";
  for (const Row& row : {
           Row{{{"Upgrade", "(none)"}}, kFields},
           Row{{{"Upgrade", ""}}, kFields},
           Row{{{"Upgrade", "h2c"}}, kFields},
           Row{{{"Upgrade", "websockets"}}, kFields},
           Row{{{"Connection", "(none)"}}, kFields},
           Row{{{"Connection", "close"}}, kFields},
           Row{{{"Connection", "upgraded"}}, kFields},
           Row{{{"Sec-WebSocket-Accept", "(none)"}}, kWrongAccept},
           Row{{{"Sec-WebSocket-Accept", ""}}, kWrongAccept},
           Row{{{"Sec-WebSocket-Accept", lower}}, kWrongAccept},
           Row{{{"Sec-WebSocket-Accept", accept + ", " + accept}}, kWrongAccept},
           Row{{{"Sec-WebSocket-Accept", std::string(kKey)}}, kWrongAccept},
           Row{{{"Sec-WebSocket-Protocol", "mqtt"}}, kProtocol},
           Row{{{"Sec-WebSocket-Protocol", "Chat"}}, kProtocol},
           Row{{{"Sec-WebSocket-Protocol", "chat, superchat"}}, kProtocol},
           Row{{{"Sec-WebSocket-Protocol", "usher.accepted"}}, kProtocol},
           Row{{{"Sec-WebSocket-Protocol", "usher.refused"}}, kProtocol},
           Row{{{"Sec-WebSocket-Extensions", "permessage-bzip2"}}, kExtension},
           Row{{{"Sec-WebSocket-Extensions", "permessage-deflate, mux"}}, kExtension},
           Row{{{"Sec-WebSocket-Extensions", "client_max_window_bits"}}, kExtension},
       }) {
    const UpstreamVerdict verdict = judged(101, switching(row.others));
    EXPECT_EQ(verdict.result, UpstreamResult::wrong) << row.others[0].second;
    EXPECT_NE(verdict.what.find(row.what), std::string::npos) << verdict.what;
  }
}

TEST(UpstreamVerdictTest, WhatWasNotOfferedAtAllCannotBeSelected) {
  const Offer bare{.key = std::string(kKey), .protocols = {}, .extensions = {}};
  EXPECT_EQ(judged(101, switching(), bare).result, UpstreamResult::opened);
  EXPECT_EQ(judged(101, switching({{"Sec-WebSocket-Protocol", "chat"}}), bare).result,
            UpstreamResult::wrong);
  EXPECT_EQ(
      judged(101, switching({{"Sec-WebSocket-Extensions", "permessage-deflate"}}), bare).result,
      UpstreamResult::wrong);
}

// An upstream that answers with the key of another request has a cache before it, or is none.
TEST(UpstreamVerdictTest, TheAcceptKeyIsTheOneOfThisRequest) {
  Offer other = offer();
  other.key = "AAAAAAAAAAAAAAAAAAAAAA==";
  EXPECT_EQ(judged(101, switching(), other).result, UpstreamResult::wrong);
  EXPECT_EQ(
      judged(101, switching({{"Sec-WebSocket-Accept", wire::accept_key(other.key)}}), other).result,
      UpstreamResult::opened);
}

TEST(UpstreamVerdictTest, EachResultHasItsWord) {
  struct Row {
    UpstreamResult result;
    std::string_view word;
  };
  for (const Row& row :
       {Row{UpstreamResult::opened, "opened"}, Row{UpstreamResult::unreachable, "unreachable"},
        Row{UpstreamResult::unavailable, "unavailable"}, Row{UpstreamResult::refused, "refused"},
        Row{UpstreamResult::wrong, "wrong"}}) {
    EXPECT_EQ(to_string(row.result), row.word);
  }
}

}  // namespace
}  // namespace usher::doors
