#include <gtest/gtest.h>

#include "client/client_session.h"
#include "support/session_driver.h"

namespace usher::client {
namespace {

using namespace std::chrono_literals;
using test::events_of;
using test::SessionDriver;
using test::texts;

TEST(ClientSessionEndingsTest, ASecretInAReasonIsHiddenFromLogEventAndFailure) {
  SessionDriver driver;
  driver.handle(Connect{});
  driver.walk_to_socket(1);
  const Output out = driver.handle(SocketClosed{1, 3500, "no ticket-secret here", true});
  EXPECT_EQ(texts(out)[0], "[WS] Disconnected { code: 3500, reason: '***', wasClean: true }");
  EXPECT_EQ(events_of<Failed>(out).at(0).reason, "***");
  EXPECT_EQ(driver.session.failure()->reason, "***");
}

TEST(ClientSessionEndingsTest, ALateSecretIsASecretToo) {
  SessionDriver driver;
  driver.handle(Connect{});
  driver.handle(TokenReady{99, "late-token", false});
  const Output out = driver.handle(TokenFailed{1, {.status = 403, .code = "late-token"}});
  EXPECT_EQ(texts(out)[0],
            "[WS] Failed to connect HttpErrorResponse { status: 403, error: { code: '***' } }");
}

TEST(ClientSessionEndingsTest, ARefusedTokenIsNotTakenFromStorageAgain) {
  SessionDriver driver;
  driver.handle(Connect{});
  driver.handle(TokenReady{1, "T", true});
  driver.handle(TicketFailed{1, {.status = 401, .code = "MISSING_SESSION"}});
  driver.advance(1s);
  const auto fetches = test::effects_of<FetchToken>(driver.handle(Connect{}));
  ASSERT_EQ(fetches.size(), 1u);
  EXPECT_TRUE(fetches[0].fresh);
}

TEST(ClientSessionEndingsTest, ARetryAfterOfADisconnectPushHoldsForThatConnectionOnly) {
  SessionDriver driver;
  driver.walk_to_connected();
  driver.frame(1, R"({"push":{"disconnect":{"retry_after_ms":60000}}})");
  driver.handle(SocketClosed{1, 1001, "SERVER_SHUTDOWN", true});
  EXPECT_EQ(driver.session.timer(), driver.now + 67500ms);
  driver.handle(Disconnect{});
  driver.handle(Connect{});
  driver.walk_to_socket(2);
  driver.frame(2, R"({"push":{"connect":{}}})");
  driver.handle(SocketClosed{2, 1001, "", true});
  EXPECT_EQ(driver.session.timer(), driver.now + 250ms);
}

}  // namespace
}  // namespace usher::client
