#include "doors/upstream_request.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/ascii.h"

namespace usher::doors {
namespace {

using Field = std::pair<std::string, std::string>;
using Fields = std::vector<Field>;
using Strings = std::vector<std::string>;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr std::string_view kTraceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr CameBy kDirect{.client_address = "192.0.2.7", .traceparent = kTraceparent};

Upstream upstream(std::string path = "/board", std::string target = "/socket") {
  Upstream upstream;
  upstream.name = "board";
  upstream.path = std::move(path);
  upstream.target = std::move(target);
  upstream.authority = "127.0.0.1:3000";
  return upstream;
}

// A head as lines, without the empty one at its end.
struct Head {
  explicit Head(const std::string& text) {
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
              std::count(text.begin(), text.end(), '\r'));
    std::istringstream lines(text);
    std::getline(lines, start);
    if (start.ends_with('\r')) start.pop_back();
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(line.ends_with('\r')) << line;
      line.pop_back();
      if (line.empty()) continue;
      const auto colon = line.find(": ");
      EXPECT_NE(colon, std::string::npos) << line;
      if (colon == std::string::npos) continue;
      fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
  }
  // The values of all fields of that name, in any case.
  Strings all(std::string_view name) const {
    Strings values;
    for (const auto& [field, value] : fields) {
      if (equal_ignoring_case(field, name)) values.push_back(value);
    }
    return values;
  }
  std::string target() const {
    EXPECT_TRUE(start.starts_with("GET ") && start.ends_with(" HTTP/1.1")) << start;
    return start.substr(4, start.size() - 4 - 9);
  }

  std::string start;
  Fields fields;
};

wire::HttpRequest request_with(const Fields& fields, std::string_view target = "/board?ticket=T") {
  wire::HttpRequest request;
  request.method = "GET";
  request.target = target;
  for (const auto& [name, value] : fields) request.fields.push_back({name, value});
  return request;
}

const Fields& upgrade_fields() {
  static const Fields kFields{{"Host", "gw.example"},
                              {"Upgrade", "websocket"},
                              {"Connection", "Upgrade"},
                              {"Sec-WebSocket-Version", "13"},
                              {"Sec-WebSocket-Key", std::string(kKey)}};
  return kFields;
}

Head head_with(const Fields& more, const CameBy& came_by = kDirect) {
  Fields fields = upgrade_fields();
  fields.insert(fields.end(), more.begin(), more.end());
  const wire::HttpRequest request = request_with(fields);
  return Head(
      upstream_request(request, request.path(), upstream(), offer_of(request, kKey), came_by));
}

std::string target_with(std::string_view target, const Upstream& server) {
  const wire::HttpRequest request = request_with(upgrade_fields(), target);
  return Head(upstream_request(request, request.path(), server, offer_of(request, kKey), kDirect))
      .target();
}

TEST(UpstreamRequestTest, IsAnUpgradeOfUshersOwn) {
  const Head head = head_with({});
  EXPECT_EQ(head.target(), "/socket");
  const Fields expected{{"Host", "127.0.0.1:3000"},
                        {"Upgrade", "websocket"},
                        {"Connection", "Upgrade"},
                        {"Sec-WebSocket-Version", "13"},
                        {"Sec-WebSocket-Key", std::string(kKey)},
                        {"X-Forwarded-For", "192.0.2.7"},
                        {"X-Forwarded-Proto", "http"},
                        {"X-Forwarded-Host", "gw.example"},
                        {"traceparent", std::string(kTraceparent)}};
  EXPECT_EQ(head.fields, expected);
}

TEST(UpstreamRequestTest, EndToEndFieldsArePassedOnAsTheyAreAndInOrder) {
  const Fields fields{{"User-Agent", "Browser/1.0 (any)"},
                      {"Cookie", "a=b; c=d"},
                      {"Authorization", "Basic YTpi"},
                      {"Origin", "https://app.example"},
                      {"Accept-Language", "en"},
                      {"Cache-Control", "no-cache"},
                      {"X-Custom", ""},
                      {"x-custom", "twice"},
                      {"tracestate", "a=1"},
                      {"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"},
                      {"Sec-Fetch-Mode", "websocket"},
                      {"X-User", "u"},
                      {"X-Usher", "no field of usher's"}};
  const Head head = head_with(fields);
  // Behind the 5 fields of the upgrade, before the 4 about the way.
  ASSERT_EQ(head.fields.size(), 5 + fields.size() + 4);
  EXPECT_EQ(Fields(head.fields.begin() + 5, head.fields.end() - 4), fields);
}

// Whoever sends one of these could otherwise say who it is.
TEST(UpstreamRequestTest, NoFieldOfTheClientSaysWhoItIs) {
  for (const char* name :
       {"X-Usher-Session", "X-Usher-User", "X-Usher-Client", "X-Usher-Claims", "X-Usher-Identity",
        "X-Usher-Anything", "X-Usher-", "x-usher-user", "X-USHER-USER", "x-UsHeR-uSeR",
        "X_Usher_User", "x_usher_user", "X-Usher_User", "X_Usher-User", "X.Usher.User",
        "x.usher-user", "X!Usher!User"}) {
    const Head head = head_with({{"A", "1"}, {name, "eve"}, {"B", "2"}});
    EXPECT_EQ(head.all(name), Strings()) << name;
    EXPECT_EQ(head.all("A"), Strings{"1"}) << name;
    EXPECT_EQ(head.all("B"), Strings{"2"}) << name;
  }
}

TEST(UpstreamRequestTest, NoFieldOfTheClientsHopIsPassedOn) {
  for (const char* name :
       {"Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Content-Length", "Expect",
        "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "HTTP2-Settings",
        "Sec-WebSocket-Accept", "keep-alive", "KEEP-ALIVE", "Keep_Alive", "Transfer_Encoding",
        "content_length", "proxy_authorization"}) {
    EXPECT_EQ(head_with({{name, "x"}}).all(name), Strings()) << name;
  }
}

// usher writes these itself, once.
TEST(UpstreamRequestTest, FieldsOfTheUpgradeAreThereOnce) {
  for (const auto& [name, value] : upgrade_fields()) {
    std::string variable = to_lower(name);
    std::ranges::replace(variable, '-', '_');
    const Head head = head_with({{name, "evil"}, {to_lower(name), "evil"}, {variable, "evil"}});
    EXPECT_EQ(head.all(name), Strings{name == "Host" ? "127.0.0.1:3000" : value}) << name;
    if (variable != to_lower(name)) {
      EXPECT_EQ(head.all(variable), Strings()) << variable;
    }
  }
}

TEST(UpstreamRequestTest, FieldsThatConnectionNamesAreDroppedAndNeverUshersOwn) {
  struct Row {
    Fields fields;
    Strings dropped;
    Strings kept;
  };
  for (const Row& row : {
           Row{{{"Connection", "X-Usher-User, Cookie"}}, {"Cookie"}, {"X-Hop", "Other"}},
           Row{{{"Connection", "cookie,x-hop"}}, {"Cookie", "X-Hop"}, {"Other"}},
           Row{{{"Connection", " , COOKIE\t,"}}, {"Cookie"}, {"X-Hop", "Other"}},
           Row{{{"Connection", "x-hop"}, {"connection", "other"}}, {"X-Hop", "Other"}, {"Cookie"}},
           Row{{{"Connection", "keep-alive"}}, {}, {"Cookie", "X-Hop", "Other"}},
           Row{{{"Connection", ""}}, {}, {"Cookie", "X-Hop", "Other"}},
           Row{{{"Connection", "coo kie"}}, {}, {"Cookie", "X-Hop", "Other"}},
       }) {
    Fields fields{{"Cookie", "c"}, {"X-Hop", "h"}, {"X-Usher-User", "eve"}, {"Other", "o"}};
    fields.insert(fields.end(), row.fields.begin(), row.fields.end());
    const Head head = head_with(fields);
    for (const std::string& name : row.dropped) EXPECT_EQ(head.all(name), Strings()) << name;
    for (const std::string& name : row.kept) EXPECT_EQ(head.all(name).size(), 1u) << name;
    EXPECT_EQ(head.all("X-Usher-User"), Strings());
    EXPECT_EQ(head.all("Connection"), Strings{"Upgrade"});
  }
}

// A client that names usher's own fields in Connection takes none of them from the upstream.
TEST(UpstreamRequestTest, WhatUsherSaysCannotBeTakenAwayByConnection) {
  std::string own =
      "Host, Upgrade, Sec-WebSocket-Key, Sec-WebSocket-Version, X-Forwarded-For, "
      "X-Forwarded-Proto, X-Forwarded-Host, traceparent, X-Usher-Session, X-Usher-User";
  Fields fields = upgrade_fields();
  fields.emplace_back("Connection", own);
  const wire::HttpRequest request = request_with(fields);
  std::string text =
      upstream_request(request, "/board", upstream(), offer_of(request, kKey), kDirect);
  finish_request(text, {{"X-Usher-Session", "s1"}, {"X-Usher-User", "ada"}});
  const Head head(text);
  for (const char* name : {"Host", "Upgrade", "Connection", "Sec-WebSocket-Key",
                           "Sec-WebSocket-Version", "X-Forwarded-For", "X-Forwarded-Proto",
                           "X-Forwarded-Host", "traceparent", "X-Usher-Session", "X-Usher-User"}) {
    EXPECT_EQ(head.all(name).size(), 1u) << name;
  }
}

TEST(UpstreamRequestTest, TheWayOfTheRequestIsUshersWord) {
  for (const char* name :
       {"Forwarded",        "X-Forwarded-For",    "X-Forwarded-Proto",  "X-Forwarded-Host",
        "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-Prefix", "X-Forwarded-Scheme",
        "X-Forwarded-Ssl",  "X-Forwarded-User",   "X-Forwarded-Email",  "X-Forwarded-Uri",
        "X-Forwarded-",     "X-Real-IP",          "traceparent",        "x-forwarded-for",
        "X-FORWARDED-FOR",  "X_Forwarded_For",    "x_real_ip",          "X.Forwarded.For",
        "X.Real.IP",        "X-Real_IP",          "X_Forwarded-User",   "X-Original-URL",
        "X_Original_URI",   "X-Original-Host",    "X-Rewrite-URL",      "x_rewrite_url"}) {
    for (const bool trusted : {false, true}) {
      CameBy came_by = kDirect;
      came_by.proxy_is_trusted = trusted;
      const Head head = head_with({{name, "198.51.100.66"}}, came_by);
      const std::string field(name);
      for (const std::string& value : head.all(name)) {
        const bool is_named_host = trusted && equal_ignoring_case(name, "x-forwarded-host");
        EXPECT_EQ(value == "198.51.100.66", is_named_host) << name;
      }
      EXPECT_EQ(head.all("X-Forwarded-For"), Strings{"192.0.2.7"}) << name;
      EXPECT_EQ(head.all("X-Forwarded-Proto"), Strings{"http"}) << name;
      EXPECT_EQ(head.all("X-Forwarded-Host").size(), 1u) << name;
      EXPECT_EQ(head.all("traceparent"), Strings{std::string(kTraceparent)}) << name;
      EXPECT_EQ(head.fields.size(), 9u) << name;
    }
  }
}

TEST(UpstreamRequestTest, SaysHowTheClientCame) {
  struct Row {
    CameBy came_by;
    Fields fields;
    Strings address, proto, host;
  };
  const CameBy tls{.client_address = "2001:db8::7", .secure = true, .traceparent = kTraceparent};
  const CameBy unix_socket{.client_address = "unix", .traceparent = kTraceparent};
  const CameBy proxy{
      .client_address = "192.0.2.7", .proxy_is_trusted = true, .traceparent = kTraceparent};
  for (const Row& row : {
           Row{kDirect, {}, {"192.0.2.7"}, {"http"}, {"gw.example"}},
           Row{tls, {}, {"2001:db8::7"}, {"https"}, {"gw.example"}},
           Row{unix_socket, {}, {}, {"http"}, {"gw.example"}},
           Row{unix_socket, {{"X-Forwarded-For", "1.2.3.4"}}, {}, {"http"}, {"gw.example"}},
           Row{kDirect, {{"X-Forwarded-Host", "evil"}}, {"192.0.2.7"}, {"http"}, {"gw.example"}},
           Row{proxy,
               {{"X-Forwarded-Host", "app.example"}},
               {"192.0.2.7"},
               {"http"},
               {"app.example"}},
           Row{proxy, {{"X-Forwarded-Proto", "https"}}, {"192.0.2.7"}, {"http"}, {"gw.example"}},
       }) {
    const Head head = head_with(row.fields, row.came_by);
    EXPECT_EQ(head.all("X-Forwarded-For"), row.address);
    EXPECT_EQ(head.all("X-Forwarded-Proto"), row.proto);
    EXPECT_EQ(head.all("X-Forwarded-Host"), row.host);
  }
}

TEST(UpstreamRequestTest, TheQueryComesWithoutTheTicket) {
  struct Row {
    std::string_view query, passed_on;
  };
  for (const Row& row : {
           Row{"?ticket=T", ""},
           Row{"?ticket=T&room=7&x=1", "?room=7&x=1"},
           Row{"?room=7&ticket=T&x=1", "?room=7&x=1"},
           Row{"?room=7&x=1&ticket=T", "?room=7&x=1"},
           Row{"?ticket=T&room=7&ticket=U", "?room=7"},
           Row{"?ticket=T&ticket=U", ""},
           Row{"?ticket", ""},
           Row{"?ticket=", ""},
           Row{"?ticket&room=7", "?room=7"},
           Row{"?%74icket=T", ""},
           Row{"?%74%69%63%6b%65%74=T&room=7", "?room=7"},
           Row{"?%74%69%63%6B%65%74=T&room=7", "?room=7"},
           Row{"?ticke%74&room=7", "?room=7"},
           Row{"?ticket=a=b&room=7", "?room=7"},
           // What is no ticket stays byte for byte.
           Row{"", ""},
           Row{"?", ""},
           Row{"?room=7&room=8", "?room=7&room=8"},
           Row{"?tickets=1", "?tickets=1"},
           Row{"?xticket=1", "?xticket=1"},
           Row{"?Ticket=1", "?Ticket=1"},
           Row{"?x=ticket=T", "?x=ticket=T"},
           Row{"?x=%20+%2f&y", "?x=%20+%2f&y"},
           Row{"?a=1?b=2", "?a=1?b=2"},
           Row{"?ticket=T&a=http://x/?ticket=U", "?a=http://x/?ticket=U"},
           Row{"?a=1&&b=2", "?a=1&b=2"},
       }) {
    EXPECT_EQ(target_with("/board" + std::string(row.query), upstream()),
              "/socket" + std::string(row.passed_on))
        << row.query;
  }
}

TEST(UpstreamRequestTest, TheTargetIsTheUpstreamsOwnWithTheRestOfThePath) {
  struct Row {
    std::string path, target, asked, expected;
  };
  for (const Row& row : {
           Row{"/board", "/", "/board?ticket=T", "/"},
           Row{"/board", "/socket", "/board?ticket=T&a=1", "/socket?a=1"},
           Row{"/board", "/socket?v=2", "/board?ticket=T", "/socket?v=2"},
           Row{"/board", "/socket?v=2", "/board?ticket=T&a=1", "/socket?v=2&a=1"},
           Row{"/board", "/socket/", "/board?ticket=T", "/socket/"},
           Row{"/board/*", "/", "/board/a?ticket=T", "/a"},
           Row{"/board/*", "/socket", "/board/a?ticket=T", "/socket/a"},
           Row{"/board/*", "/socket/", "/board/a?ticket=T", "/socket/a"},
           Row{"/board/*", "/socket", "/board/a/b%2Fc/?ticket=T", "/socket/a/b%2Fc/"},
           Row{"/board/*", "/socket", "/board/", "/socket/"},
           Row{"/board/*", "/", "/board//a", "/a"},  // no host for parsers of "//a"
           Row{"/board/*", "/socket", "/board//a", "/socket//a"},
           Row{"/board/*", "/socket?v=2", "/board/a?ticket=T&b=1", "/socket/a?v=2&b=1"},
           Row{"/*", "/", "/a/b?ticket=T", "/a/b"},
           Row{"/*", "/socket", "/", "/socket/"},
       }) {
    EXPECT_EQ(target_with(row.asked, upstream(row.path, row.target)), row.expected) << row.asked;
  }
}

TEST(UpstreamRequestTest, ThePathIsTheOneBehindThePrefix) {
  const wire::HttpRequest request = request_with(upgrade_fields(), "/gw/board/a?ticket=T&b=1");
  const Offer offer = offer_of(request, kKey);
  EXPECT_EQ(
      Head(upstream_request(request, "/board/a", upstream("/board/*"), offer, kDirect)).target(),
      "/socket/a?b=1");
}

TEST(UpstreamRequestTest, EndsWithTheIdentityAndAnEmptyLine) {
  std::string text = "GET / HTTP/1.1\r\n";
  finish_request(text, {{"X-Usher-Session", "s1"}, {"X-Usher-Client", "00ff"}});
  EXPECT_EQ(text, "GET / HTTP/1.1\r\nX-Usher-Session: s1\r\nX-Usher-Client: 00ff\r\n\r\n");
}

// ---- what is offered ----

TEST(UpstreamRequestTest, NoTicketAndNoneOfUshersOwnSubprotocolsIsOfferedToTheUpstream) {
  struct Row {
    Strings offered;  // one for each field
    Strings passed_on;
    bool knows_refused, knows_accepted;
  };
  for (const Row& row : {
           Row{{}, {}, false, false},
           Row{{"chat"}, {"chat"}, false, false},
           Row{{"chat, usher.ticket.00ff"}, {"chat"}, false, false},
           Row{{"usher.ticket.00ff, chat"}, {"chat"}, false, false},
           Row{{"usher.ticket.", "chat"}, {"chat"}, false, false},
           Row{{"usher.refused, usher.accepted, chat,superchat"},
               {"chat", "superchat"},
               true,
               true},
           Row{{"superchat", "usher.accepted", "chat"}, {"superchat", "chat"}, false, true},
           Row{{"usher.refused"}, {}, true, false},
           Row{{"usher.refused, usher.accepted, usher.ticket.00ff"}, {}, true, true},
           Row{{" , chat ,, "}, {"chat"}, false, false},
           Row{{"Usher.Refused, usher.v1.json"}, {"Usher.Refused", "usher.v1.json"}, false, false},
       }) {
    Fields fields = upgrade_fields();
    for (const std::string& value : row.offered)
      fields.emplace_back("Sec-WebSocket-Protocol", value);
    const wire::HttpRequest request = request_with(fields);
    const Offer offer = offer_of(request, kKey);
    EXPECT_EQ(offer.protocols, row.passed_on);
    EXPECT_EQ(offer.knows_refused, row.knows_refused);
    EXPECT_EQ(offer.knows_accepted, row.knows_accepted);
    const std::string text = upstream_request(request, "/board", upstream(), offer, kDirect);
    EXPECT_EQ(text.find("usher.ticket"), std::string::npos);
    std::string joined;
    for (const std::string& name : row.passed_on) joined += (joined.empty() ? "" : ", ") + name;
    EXPECT_EQ(Head(text).all("Sec-WebSocket-Protocol"),
              joined.empty() ? Strings() : Strings{joined});
  }
}

TEST(UpstreamRequestTest, ExtensionsAreThoseOfAllFieldsAndPassedOnAsTheyAre) {
  Fields fields = upgrade_fields();
  fields.emplace_back("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits");
  fields.emplace_back("sec-websocket-extensions", "x-other");
  const wire::HttpRequest request = request_with(fields);
  const Offer offer = offer_of(request, kKey);
  EXPECT_EQ(offer.key, kKey);
  EXPECT_EQ(offer.extensions, "permessage-deflate; client_max_window_bits, x-other");
  const Head head(upstream_request(request, "/board", upstream(), offer, kDirect));
  EXPECT_EQ(head.all("Sec-WebSocket-Extensions"),
            (Strings{"permessage-deflate; client_max_window_bits", "x-other"}));
  EXPECT_EQ(offer_of(request_with(upgrade_fields()), kKey).extensions, "");
}

// ---- the 101 ----

Offer offering(Strings protocols, bool knows_refused, bool knows_accepted) {
  return {.key = std::string(kKey),
          .protocols = std::move(protocols),
          .extensions = "permessage-deflate",
          .knows_refused = knows_refused,
          .knows_accepted = knows_accepted};
}

void expect_101(const std::string& text, const std::string& protocol,
                const std::string& extensions) {
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
  const Head head(text);
  EXPECT_EQ(head.start, "HTTP/1.1 101 Switching Protocols");
  EXPECT_EQ(head.all("Upgrade"), Strings{"websocket"});
  EXPECT_EQ(head.all("Connection"), Strings{"Upgrade"});
  EXPECT_EQ(head.all("Sec-WebSocket-Accept"), Strings{std::string(kAccept)});
  EXPECT_EQ(head.all("Sec-WebSocket-Protocol"), protocol.empty() ? Strings() : Strings{protocol});
  EXPECT_EQ(head.all("Sec-WebSocket-Extensions"),
            extensions.empty() ? Strings() : Strings{extensions});
}

TEST(UpstreamRequestTest, ARefusalSelectsWhatTheClientCanTellApartOrElseTheFirst) {
  struct Row {
    Strings protocols;
    bool knows_refused, knows_accepted;
    std::string selected;
  };
  for (const Row& row : {
           Row{{}, false, false, ""}, Row{{"chat"}, false, false, "chat"},
           Row{{"chat", "superchat"}, false, false, "chat"},
           Row{{"chat", "superchat"}, true, true, "usher.refused"},
           Row{{"chat"}, true, false, "usher.refused"}, Row{{}, true, true, "usher.refused"},
           Row{{"chat"}, false, true, "chat"},
           Row{{}, false, true, "usher.accepted"},  // browsers fail an offer without an answer
       }) {
    SCOPED_TRACE(row.selected);
    expect_101(refusing_101(offering(row.protocols, row.knows_refused, row.knows_accepted)),
               row.selected, "");
  }
}

TEST(UpstreamRequestTest, SuccessSelectsTheUpstreamsChoiceOrElseAccepted) {
  struct Row {
    bool knows_refused, knows_accepted;
    std::string chosen, extensions, selected;
  };
  for (const Row& row : {
           Row{false, false, "", "", ""}, Row{false, false, "chat", "", "chat"},
           Row{true, true, "chat", "permessage-deflate", "chat"},
           Row{true, true, "", "permessage-deflate", "usher.accepted"},
           Row{false, true, "", "", "usher.accepted"},
           Row{true, false, "", "", ""},  // never that which says that it was refused
       }) {
    SCOPED_TRACE(row.selected);
    expect_101(accepting_101(offering({"chat", "superchat"}, row.knows_refused, row.knows_accepted),
                             row.chosen, row.extensions),
               row.selected, row.extensions);
  }
}

}  // namespace
}  // namespace usher::doors
