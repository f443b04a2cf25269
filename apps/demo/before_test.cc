#include "apps/demo/before.h"

#include <gtest/gtest.h>

namespace usher::apps {
namespace {

using Kind = BeforeClient::Next::Kind;

TEST(BeforeClientTest, SaysTheLinesOfTheDocumentForever) {
  BeforeClient client;
  for (const int delay_ms : {1000, 2000, 4000}) {
    EXPECT_EQ(client.connect().kind, Kind::ask_ticket);
    const auto next = client.ticket_failed(401);
    EXPECT_EQ(next.kind, Kind::wait);
    EXPECT_EQ(next.wait.count(), delay_ms);
  }
  EXPECT_EQ(
      client.log(),
      (std::vector<std::string>{
          "[WS] Requesting ticket...", "[WS] Failed to connect HttpErrorResponse { status: 401 }",
          "[WS] Reconnecting in 1000ms (attempt 1)", "[WS] Requesting ticket...",
          "[WS] Failed to connect HttpErrorResponse { status: 401 }",
          "[WS] Reconnecting in 2000ms (attempt 2)", "[WS] Requesting ticket...",
          "[WS] Failed to connect HttpErrorResponse { status: 401 }",
          "[WS] Reconnecting in 4000ms (attempt 3)"}));
}

TEST(BeforeClientTest, TakesEveryCloseForTheSame) {
  BeforeClient client;
  client.connect();
  EXPECT_EQ(client.ticket_came().kind, Kind::open_socket);
  EXPECT_EQ(client.closed().kind, Kind::wait);
}

}  // namespace
}  // namespace usher::apps
