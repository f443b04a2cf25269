#include "bench/load/web_socket.h"

#include <gtest/gtest.h>

#include <set>

#include "wire/http_message.h"
#include "wire/ws_handshake.h"

namespace usher::bench {
namespace {

TEST(WebSocketKey, EachIsCanonicalAndDifferent) {
  Numbers numbers(7);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string key = make_web_socket_key(numbers);
    seen.insert(key);
    wire::HttpRequest request{.method = "GET", .target = "/", .fields = {}, .body = {}};
    request.fields = {{"Host", "x"},
                      {"Upgrade", "websocket"},
                      {"Connection", "Upgrade"},
                      {"Sec-WebSocket-Version", "13"},
                      {"Sec-WebSocket-Key", key}};
    EXPECT_EQ(wire::read_upgrade(request).outcome, wire::UpgradeOutcome::ok) << key;
  }
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace usher::bench
