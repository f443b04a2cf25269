#include "wire/http_response.h"

#include "base/check.h"

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

std::string written(const HttpResponse& response, const ResponseOptions& options = {}) {
  std::string out;
  append_response(out, response, options);
  return out;
}

HttpResponse with_body(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

TEST(HttpResponseTest, ResponseHasStatusFieldsLengthAndBody) {
  HttpResponse response = with_body(200, "{}");
  response.set("Content-Type", "application/json");
  response.set("X-Empty", "");
  EXPECT_EQ(written(response),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Empty: \r\nContent-Length: "
            "2\r\n\r\n{}");
}

TEST(HttpResponseTest, EmptyBodyHasALengthToo) {
  EXPECT_EQ(written(with_body(404, "")), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

TEST(HttpResponseTest, NoContentSaysNoLengthAndSendsNoBody) {
  EXPECT_EQ(written(with_body(204, "x")), "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(HttpResponseTest, HeadIsAnsweredWithTheLengthAndNoBody) {
  EXPECT_EQ(written(with_body(200, "abc"), {.head_only = true}),
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
}

TEST(HttpResponseTest, ClosingIsSaidWhoeverWantsIt) {
  HttpResponse response = with_body(400, "");
  EXPECT_EQ(written(response, {.keep_alive = false}),
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  response.close = true;
  EXPECT_EQ(written(response),
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(written(response, {.request_minor_version = 0}),
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(HttpResponseTest, KeepingAliveIsSaidToHttp10) {
  EXPECT_EQ(written(with_body(200, ""), {.request_minor_version = 0}),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(HttpResponseTest, DateIsAnImfFixdate) {
  using namespace std::chrono_literals;
  EXPECT_EQ(http_date(WallTime(784111777s)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(WallTime(784111777999ms)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(WallTime(0s)), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(WallTime(1709251199s)), "Thu, 29 Feb 2024 23:59:59 GMT");
  EXPECT_EQ(written(with_body(200, ""), {.date = WallTime(0s)}),
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n");
}

TEST(HttpResponseTest, ResponsesAreAppended) {
  std::string out(kContinue);
  append_response(out, with_body(200, ""));
  EXPECT_EQ(out, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST(HttpResponseTest, EveryStatusOfTheContractHasAPhrase) {
  for (const int status : {101, 200, 204, 400, 401, 403, 404, 405, 413, 426, 429, 431, 500, 503}) {
    EXPECT_NE(reason_phrase(status), "Unknown") << status;
  }
  EXPECT_EQ(reason_phrase(599), "Unknown");
}

TEST(HttpResponseTest, LineEndInAFieldIsOurOwnMistake) {
  for (const char* value : {"a\r\nSet-Cookie: b", "a\nb", "a\rb"}) {
    HttpResponse response;
    response.set("X", value);
    EXPECT_THROW(written(response), BrokenInvariant) << value;
  }
  HttpResponse response;
  response.set("X\r\nY", "1");
  EXPECT_THROW(written(response), BrokenInvariant);
}

TEST(HttpResponseTest, UpgradeIsListedInConnectionToo) {
  HttpResponse response;
  response.status = 426;
  response.set("Upgrade", "websocket");
  std::string kept;
  append_response(kept, response, {.keep_alive = true});
  EXPECT_NE(kept.find("\r\nConnection: Upgrade\r\n"), std::string::npos) << kept;
  response.close = true;
  std::string closed;
  append_response(closed, response, {.keep_alive = true});
  EXPECT_NE(closed.find("\r\nConnection: close, Upgrade\r\n"), std::string::npos) << closed;
}

}  // namespace
}  // namespace usher::wire
