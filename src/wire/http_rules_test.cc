#include "wire/http_rules.h"

#include <gtest/gtest.h>

#include "wire/http_message.h"

namespace usher::wire {
namespace {

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: a.example\r\n" + std::string(fields) + "\r\n";
}

bool passes(std::string_view head) { return check_head(head).has_value(); }

HttpRefusal refusal(std::string_view head) {
  const auto framing = check_head(head);
  EXPECT_FALSE(framing.has_value()) << head;
  return framing ? HttpRefusal{0xFF} : framing.error();
}

HttpRefusal scan_refusal(std::string_view bytes) {
  HeadScanner scanner;
  const auto size = scanner.scan(bytes);
  EXPECT_FALSE(size.has_value()) << bytes;
  return size ? HttpRefusal{0xFF} : size.error();
}

TEST(HttpRulesTest, OrdinaryRequestsPass) {
  EXPECT_TRUE(passes(get("")));
  EXPECT_TRUE(passes(get(
      "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n")));
  EXPECT_TRUE(
      passes("POST /auth/ticket?x=%20&y=[1] HTTP/1.1\r\nhOST:localhost:8080\r\nContent-Length: "
             "2\r\n\r\n"));
  EXPECT_TRUE(passes("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(passes(
      get("X-Empty:\r\nX-Tab:\ta\tb \r\nX-Text: caf\xC3\xA9 \xFF\r\nX_Odd!#$%&'*+-.^_`|~: 1\r\n")));
}

TEST(HttpRulesTest, RequestLineIsMethodTargetVersionAndNothingElse) {
  for (const char* line : {"",
                           "GET",
                           "GET /",
                           "GET / HTTP/1.1 ",
                           " GET / HTTP/1.1",
                           "GET  / HTTP/1.1",
                           "GET /  HTTP/1.1",
                           "GET / http/1.1",
                           "GET / HTTP/1.1x",
                           "GET / HTTP/1.10",
                           "GET / HTTP/01.1",
                           "GET / HTTP/11",
                           "GET / HTTP/1.",
                           "GET /a b HTTP/1.1",
                           "GET\t/ HTTP/1.1",
                           "G@T / HTTP/1.1",
                           "GET * HTTP/1.1",
                           "POST * HTTP/1.1",
                           "options * HTTP/1.1",
                           "OPTIONS ** HTTP/1.1",
                           "GET http:///a HTTP/1.1",
                           "GET http://?a HTTP/1.1",
                           "GET http:/a.example/ HTTP/1.1",
                           "GET http://user@a.example/ HTTP/1.1",
                           "GET http://user:word@a.example/ HTTP/1.1",
                           "GET http://a.example:x/ HTTP/1.1",
                           "GET http://a.example:65536/ HTTP/1.1",
                           "GET http://a%2Fb/ HTTP/1.1",
                           "GET http://a.example\\b/ HTTP/1.1",
                           "GET http://a.example/#b HTTP/1.1",
                           "GET ws://a.example/ HTTP/1.1",
                           "GET ftp://a.example/ HTTP/1.1",
                           "GET //a.example/b#c HTTP/1.1",
                           "GET xhttp://a.example/ HTTP/1.1",
                           "CONNECT a.example:80 HTTP/1.1",
                           "GET a HTTP/1.1",
                           "GET ?a HTTP/1.1",
                           "GET /\x7F HTTP/1.1",
                           "GET /\xC3\xA9 HTTP/1.1",
                           "GET /#a HTTP/1.1",
                           "/ HTTP/1.1",
                           "GET / HTTP/1.1\tx",
                           "\"GET\" / HTTP/1.1"}) {
    EXPECT_EQ(refusal(std::string(line) + "\r\nHost: a\r\n\r\n"),
              HttpRefusal::malformed_request_line)
        << line;
  }
}

TEST(HttpRulesTest, TheMajorVersionDecides) {
  for (const char* version : {"1.1", "1.2", "1.9"}) {
    const auto framing = check_head("GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(framing) << version;
    EXPECT_EQ(framing->minor_version, version[2] - '0');
    EXPECT_EQ(refusal("GET / HTTP/" + std::string(version) + "\r\n\r\n"),
              HttpRefusal::malformed_host);
  }
  for (const char* line :
       {"GET / HTTP/2.0", "GET / HTTP/3.0", "GET / HTTP/0.9", "GET / HTTP/9.9", "PRI * HTTP/2.0"}) {
    EXPECT_EQ(refusal(std::string(line) + "\r\n\r\n"), HttpRefusal::unsupported_version) << line;
  }
}

TEST(HttpRulesTest, TargetsAreTakenApart) {
  struct Row {
    const char* method;
    const char* target;
    const char* authority;
    const char* local;
  };
  for (const Row& row : {Row{"GET", "/a?b", "", "/a?b"},
                         {"GET", "//a.example/b", "", "//a.example/b"},
                         {"GET", "http://a.example/b?c", "a.example", "/b?c"},
                         {"GET", "HTTPS://A:8443/b", "A:8443", "/b"},
                         {"GET", "http://[::1]:80?c", "[::1]:80", "?c"},
                         {"GET", "http://a.example", "a.example", ""},
                         {"GET", "http://a/?x=http://b/", "a", "/?x=http://b/"},
                         {"GET", "/http://b/", "", "/http://b/"},
                         {"OPTIONS", "*", "", "*"},
                         {"OPTIONS", "http://a", "a", "*"},
                         {"OPTIONS", "http://a/", "a", "/"}}) {
    const auto target = split_target(row.method, row.target);
    ASSERT_TRUE(target) << row.target;
    EXPECT_EQ(target->authority, row.authority) << row.target;
    EXPECT_EQ(target->local, row.local) << row.target;
  }
}

TEST(HttpRulesTest, TrailersAreFieldsThatChangeNothing) {
  for (const char* good : {"X-Checksum: abc", "Expires:", "Authorization: x", "X:\xC3\xA9\t"}) {
    EXPECT_TRUE(is_trailer(good)) << good;
  }
  for (const char* bad : {"", "x", "x : y", " x: y", ":", "a: \x01", "Content-Length: 1",
                          "TRANSFER-ENCODING: chunked", "hOst: a", "a b: c"}) {
    EXPECT_FALSE(is_trailer(bad)) << bad;
  }
}

TEST(HttpRulesTest, FieldThatIsNotNameColonValueIsRefused) {
  for (const char* line :
       {"Name", "Name : a", ": a", " Name: a", "\tfolded", " folded: a", "Na me: a", "Na\tme: a",
        "Name\x7F: a", "N\xC3\xA9: a", "(Name): a", "Name;: a", "\"Name\": a", "{a}: b"}) {
    EXPECT_EQ(refusal(get(std::string(line) + "\r\n")), HttpRefusal::malformed_field) << line;
  }
}

TEST(HttpRulesTest, ControlInAValueIsRefused) {
  for (const char c : {'\0', '\x01', '\b', '\v', '\f', '\x1B', '\x1F', '\x7F', '\r', '\n'}) {
    const std::string line = std::string("Name: a") + c + "b\r\n";
    EXPECT_EQ(refusal(get(line)), HttpRefusal::malformed_byte) << static_cast<int>(c);
  }
}

TEST(HttpRulesTest, FieldsThatDecideSomethingComeOnce) {
  for (const char* name : {"Origin", "Authorization", "Content-Type", "Sec-WebSocket-Key",
                           "Sec-WebSocket-Version", "X-API-Key", "Expect"}) {
    const std::string once = std::string(name) + ": 1\r\n";
    EXPECT_TRUE(passes(get(once))) << name;
    EXPECT_EQ(refusal(get(once + "X: y\r\n" + once)), HttpRefusal::repeated_field) << name;
  }
  EXPECT_EQ(refusal(get("HOST: a.example\r\n")), HttpRefusal::repeated_field);
  EXPECT_EQ(refusal(get("Content-Length: 1\r\ncontent-length: 1\r\n")),
            HttpRefusal::repeated_field);
  EXPECT_EQ(refusal(get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
            HttpRefusal::repeated_field);
  EXPECT_TRUE(passes(
      get("Cookie: a\r\nCookie: b\r\nSec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n")));
}

TEST(HttpRulesTest, HostMustBeThereAndBeOne) {
  const auto with = [](const char* host) {
    return "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
  };
  for (const char* host : {"", " ", "a", "a.example", "A-b_c.example.:80", "127.0.0.1:8080",
                           "[::1]", "[2001:db8::1]:443", "[::ffff:1.2.3.4]", "a:65535", "a:0"}) {
    EXPECT_TRUE(passes(with(host))) << host;
  }
  for (const char* host :
       {"a b",   "a,b", "a/b",  "user@a",   "a:",          "a:b",    "a:65536", "a:-1",
        "a:1:2", ":80", "[::1", "[]",       "[:]x",        "[::1]x", "[::1]:",  "[g::1]",
        "a%2Fb", "a?b", "a\\b", "http://a", "caf\xC3\xA9", "a;b"}) {
    EXPECT_EQ(refusal(with(host)), HttpRefusal::malformed_host) << host;
  }
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), HttpRefusal::malformed_host);
  EXPECT_EQ(refusal("GET / HTTP/1.0\r\nHost: a b\r\n\r\n"), HttpRefusal::malformed_host);
}

TEST(HttpRulesTest, ContentLengthIsPlainDigitsUpToItsLimit) {
  EXPECT_EQ(check_head(get("Content-Length: 0\r\n"))->content_length, 0u);
  EXPECT_EQ(check_head(get("Content-Length:  42 \r\n"))->content_length, 42u);
  EXPECT_EQ(check_head(get("Content-Length: 9007199254740992\r\n"))->content_length,
            std::uint64_t{1} << 53);
  for (const char* length :
       {"", "+1", "-1", "1,1", "1, 1", "0x10", "1e3", "1.0", "1 1", "9007199254740993",
        "18446744073709551616", "99999999999999999999999999", "\xD9\xA1"}) {
    EXPECT_EQ(refusal(get("Content-Length: " + std::string(length) + "\r\n")),
              HttpRefusal::malformed_length)
        << length;
  }
}

TEST(HttpRulesTest, TransferEncodingIsChunkedAlone) {
  for (const char* coding : {"chunked", "Chunked", "CHUNKED", " chunked\t"}) {
    EXPECT_TRUE(check_head(get("Transfer-Encoding:" + std::string(coding) + "\r\n"))->chunked);
  }
  for (const char* coding :
       {"", "gzip", "identity", "chunked, identity", "identity, chunked", "chunked,", ",chunked",
        "chunked;q=1", "chunked chunked", "\"chunked\"", "xchunked"}) {
    EXPECT_EQ(refusal(get("Transfer-Encoding: " + std::string(coding) + "\r\n")),
              HttpRefusal::malformed_coding)
        << coding;
  }
}

TEST(HttpRulesTest, TwoWaysToDelimitABodyAreOneTooMany) {
  EXPECT_EQ(refusal(get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")),
            HttpRefusal::malformed_coding);
  EXPECT_EQ(refusal(get("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n")),
            HttpRefusal::malformed_coding);
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
            HttpRefusal::malformed_coding);
}

TEST(HttpRulesTest, ExpectationIsKnownOnHttp11Only) {
  EXPECT_TRUE(check_head(get("Expect: 100-Continue\r\n"))->expects_continue);
  EXPECT_FALSE(check_head(get("Expect: something\r\n"))->expects_continue);
  EXPECT_FALSE(check_head("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")->expects_continue);
}

TEST(HttpRulesTest, AHundredFieldsPassAndOneMoreDoesNot) {
  std::string fields;
  for (std::size_t i = 1; i < kHttpFieldsMax; ++i) fields += "X: 1\r\n";
  EXPECT_TRUE(passes(get(fields)));
  EXPECT_EQ(refusal(get(fields + "X: 1\r\n")), HttpRefusal::head_too_large);
}

TEST(HttpRulesTest, EveryRefusalHasItsStatus) {
  EXPECT_EQ(status_of(HttpRefusal::malformed_line_end), 400);
  EXPECT_EQ(status_of(HttpRefusal::malformed_chunk), 400);
  EXPECT_EQ(status_of(HttpRefusal::body_too_large), 413);
  EXPECT_EQ(status_of(HttpRefusal::head_too_large), 431);
  EXPECT_EQ(status_of(HttpRefusal::unsupported_version), 505);
  for (int i = 0; i < static_cast<int>(HttpRefusal::head_too_large); ++i) {
    EXPECT_NE(reason_of(static_cast<HttpRefusal>(i)), "") << i;
  }
}

TEST(HeadScannerTest, HeadIsFoundWhateverPiecesItComesIn) {
  const std::string head = get("A: b\r\n");
  for (std::size_t step : {1, 2, 3, 1000}) {
    HeadScanner scanner;
    std::size_t come = 0;
    std::optional<std::size_t> size;
    while (!size && come < head.size()) {
      come = std::min(head.size(), come + step);
      const auto scanned = scanner.scan((head + "GET /next").substr(0, come));
      ASSERT_TRUE(scanned.has_value());
      size = *scanned;
    }
    EXPECT_EQ(size, head.size());
    EXPECT_EQ(come, head.size());
  }
}

TEST(HeadScannerTest, LineEndsAreCrLfOnly) {
  EXPECT_EQ(scan_refusal("GET / HTTP/1.1\n"), HttpRefusal::malformed_line_end);
  EXPECT_EQ(scan_refusal("GET / HTTP/1.1\r\nHost: a\n"), HttpRefusal::malformed_line_end);
  EXPECT_EQ(scan_refusal("GET / HTTP/1.1\rX"), HttpRefusal::malformed_line_end);
  EXPECT_EQ(scan_refusal("GET / HTTP/1.1\r\r\n"), HttpRefusal::malformed_line_end);
}

TEST(HeadScannerTest, WhatIsNoTextIsRefusedAtItsFirstByte) {
  EXPECT_EQ(scan_refusal("\x16\x03\x01"), HttpRefusal::malformed_byte);  // TLS on a plain port
  EXPECT_EQ(scan_refusal(std::string_view("GET /\0", 6)), HttpRefusal::malformed_byte);
  EXPECT_EQ(scan_refusal("GET /\x7F"), HttpRefusal::malformed_byte);
}

TEST(HeadScannerTest, EachByteIsJudgedByItselfWhereverItStands) {
  for (std::size_t at = 0; at < 24; ++at) {
    for (int c = 0; c < 256; ++c) {
      const bool is_text = c == '\t' || (c >= 0x20 && c != 0x7F);
      for (const char around : {'a', ' ', '~', '\t', '\x80', '\xff'}) {
        std::string value(25, around);
        value[at] = static_cast<char>(c);
        HeadScanner scanner;
        const auto scanned = scanner.scan(value);
        ASSERT_EQ(scanned.has_value(), is_text) << at << " " << c << " in " << around;
        if (!is_text) {
          const bool ends_line = c == '\n' || c == '\r';
          ASSERT_EQ(scanned.error(),
                    ends_line ? HttpRefusal::malformed_line_end : HttpRefusal::malformed_byte);
        }
      }
    }
  }
}

TEST(HeadScannerTest, EmptyLinesBeforeTheRequestArePassedOverUpToTheirLimit) {
  std::string bytes = get("");
  const std::size_t size = bytes.size();
  for (std::size_t lines = 1; lines <= kHttpEmptyLinesMax; ++lines) {
    bytes.insert(0, "\r\n");
    HeadScanner scanner;
    EXPECT_EQ(*scanner.scan(bytes), 2 * lines + size);
    EXPECT_EQ(scanner.begin(), 2 * lines);
    HeadScanner trickled;
    for (std::size_t come = 1; come < bytes.size(); ++come) {
      ASSERT_EQ(*trickled.scan(std::string_view(bytes).substr(0, come)), std::nullopt);
    }
    EXPECT_EQ(*trickled.scan(bytes), 2 * lines + size);
  }
  EXPECT_EQ(scan_refusal("\r\n" + bytes), HttpRefusal::malformed_request_line);
  EXPECT_EQ(scan_refusal("\n" + get("")), HttpRefusal::malformed_line_end);
  EXPECT_EQ(scan_refusal("\r\n\r" + get("")), HttpRefusal::malformed_line_end);
}

TEST(HeadScannerTest, HeadAtTheLimitPassesAndOneByteMoreDoesNot) {
  const auto head_of = [](std::size_t size) {
    std::string head = get("X: ");
    head.insert(head.size() - 2, "\r\n");
    head.insert(head.size() - 4, size - head.size(), 'x');
    return head;
  };
  const std::string largest = head_of(kHttpHeadBytesMax);
  HeadScanner scanner;
  EXPECT_EQ(*scanner.scan(largest), largest.size());
  EXPECT_TRUE(passes(largest));
  const std::string larger = head_of(kHttpHeadBytesMax + 1);
  EXPECT_EQ(scan_refusal(larger), HttpRefusal::head_too_large);
  HeadScanner trickled;
  ASSERT_TRUE(trickled.scan(std::string_view(larger).substr(0, kHttpHeadBytesMax - 1)).has_value());
  EXPECT_EQ(trickled.scan(std::string_view(larger).substr(0, kHttpHeadBytesMax)).error(),
            HttpRefusal::head_too_large);
}

TEST(HeadScannerTest, TheLimitIsTheCallers) {
  const std::string head = get("");
  HeadScanner enough(head.size());
  EXPECT_EQ(*enough.scan("\r\n" + head), head.size() + 2);
  HeadScanner short_of_one(head.size() - 1);
  EXPECT_EQ(short_of_one.scan(head).error(), HttpRefusal::head_too_large);
}

TEST(HttpRequestTest, ThePathOfATargetWithoutOneIsTheRoot) {
  EXPECT_EQ(HttpRequest{.target = "?a"}.path(), "/");
  EXPECT_EQ(HttpRequest{.target = "?a"}.query(), "a");
  EXPECT_EQ(HttpRequest{}.path(), "/");
}

TEST(HttpRequestTest, FieldIsFoundWhateverItsCase) {
  const HttpRequest request{.method = "GET",
                            .target = "/ws?ticket=1?2",
                            .fields = {{"X-One", "1"}, {"x-one", "2"}, {"X", ""}}};
  EXPECT_EQ(request.find("x-one"), "1");
  EXPECT_EQ(request.find("x"), "");
  EXPECT_EQ(request.find("x-on"), std::nullopt);
  EXPECT_EQ(request.path(), "/ws");
  EXPECT_EQ(request.query(), "ticket=1?2");
}

}  // namespace
}  // namespace usher::wire
