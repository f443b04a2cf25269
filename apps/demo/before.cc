#include "apps/demo/before.h"

namespace usher::apps {

BeforeClient::Next BeforeClient::connect() {
  log_.push_back("[WS] Requesting ticket...");
  return {.kind = Next::Kind::ask_ticket};
}

BeforeClient::Next BeforeClient::ticket_failed(int status) {
  log_.push_back("[WS] Failed to connect HttpErrorResponse { status: " + std::to_string(status) +
                 " }");
  return schedule_reconnect();
}

BeforeClient::Next BeforeClient::connected() {
  log_.push_back("[WS] Connected");
  reconnects_ = 0;
  return {.kind = Next::Kind::nothing};
}

BeforeClient::Next BeforeClient::closed() {
  log_.push_back("[WS] Disconnected");
  return schedule_reconnect();
}

BeforeClient::Next BeforeClient::schedule_reconnect() {
  const std::chrono::milliseconds delay = std::chrono::seconds(1) * (1 << reconnects_++);
  log_.push_back("[WS] Reconnecting in " + std::to_string(delay.count()) + "ms (attempt " +
                 std::to_string(reconnects_) + ")");
  return {.kind = Next::Kind::wait, .wait = delay};
}

}  // namespace usher::apps
