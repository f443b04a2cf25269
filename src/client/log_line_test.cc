#include "client/log_line.h"

#include <gtest/gtest.h>

namespace usher::client {
namespace {

TEST(LogLineTest, LinesAreThoseOfTheContract) {
  EXPECT_EQ(failed_to_connect_text(401, "MISSING_SESSION"),
            "[WS] Failed to connect HttpErrorResponse { status: 401, error: { code: "
            "'MISSING_SESSION' } }");
  EXPECT_EQ(hard_http_text(401, "MISSING_SESSION"),
            "[WS] Hard failure - auth error { status: 401, code: 'MISSING_SESSION' }");
  EXPECT_EQ(stopping_text(Call::ticket, 401),
            "[WS] Ticket request failed: 401 UNAUTHORIZED - stopping reconnect");
  EXPECT_EQ(soft_http_text(503), "[WS] Soft failure - service unavailable (503), will retry");
  EXPECT_EQ(soft_http_text(502), "[WS] Soft failure - HTTP error (502), will retry");
  EXPECT_EQ(refresh_text("INVALID_TOKEN"),
            "[Auth] Received 401 INVALID_TOKEN, refreshing token...");
  EXPECT_EQ(close_text(1008, "ORIGIN_BLOCKED", true),
            "{ code: 1008, reason: 'ORIGIN_BLOCKED', wasClean: true }");
}

TEST(LogLineTest, AMissingCodeLeavesNoHole) {
  EXPECT_EQ(failed_to_connect_text(503, ""),
            "[WS] Failed to connect HttpErrorResponse { status: 503 }");
  EXPECT_EQ(hard_http_text(401, ""), "[WS] Hard failure - auth error { status: 401 }");
  EXPECT_EQ(refresh_text(""), "[Auth] Received 401, refreshing token...");
  EXPECT_EQ(close_text(1006, "", false), "{ code: 1006, reason: '', wasClean: false }");
}

TEST(LogLineTest, Only401And403AreAuthErrors) {
  EXPECT_EQ(hard_http_text(403, "X"), "[WS] Hard failure - auth error { status: 403, code: 'X' }");
  EXPECT_EQ(hard_http_text(404, "X"),
            "[WS] Hard failure - request refused { status: 404, code: 'X' }");
}

TEST(LogLineTest, PhrasesAreThoseOfTheRfcAndUnknownNumbersHaveNone) {
  EXPECT_EQ(stopping_text(Call::token, 413),
            "[WS] Token request failed: 413 CONTENT TOO LARGE - stopping reconnect");
  EXPECT_EQ(stopping_text(Call::token, 418), "[WS] Token request failed: 418 - stopping reconnect");
}

TEST(LogLineTest, APeersTextCannotForgeALine) {
  EXPECT_EQ(escaped("a'b\\c\nd\x7F"), "a?b?c?d?");
  EXPECT_EQ(escaped("\xC3\xA9\xF0\x9F\x98\x80 !"), "?? !");
  EXPECT_EQ(escaped(" ~"), " ~");
}

TEST(LogLineTest, AReconnectNamesItsDelayAndTheFailuresInARow) {
  EXPECT_EQ(reconnecting_text(std::chrono::milliseconds(312), 2),
            "[WS] Reconnecting in 312ms (attempt 2)");
}

}  // namespace
}  // namespace usher::client
