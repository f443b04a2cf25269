// Why an attempt or a connection ends, and what then.
#include "client/client_session.h"
#include "client/retry_after.h"
#include "wire/close_code.h"

namespace usher::client {

namespace {

constexpr Millis kHold = std::chrono::seconds(1);
constexpr std::uint16_t kTokenExpired = 3005;
constexpr std::uint16_t kTicketExpired = 3100;

}  // namespace

void ClientSession::call_failed(Call call, const HttpFailure& failure) {
  if (!failure.status) {
    cause_ = Failed{.status = {}, .code = {}, .reason = "network error"};
    out_.error("[WS] Failed to connect NetworkError");
    out_.warn("[WS] Soft failure - network error, will retry");
    return retry();
  }
  const int status = *failure.status;
  const std::string code = secrets_.mask(failure.code);
  cause_ = Failed{.status = status, .code = {}, .reason = code};
  if (status == 401) fresh_ = true;
  switch (classify_http(failure, attempt_.cached && !attempt_.refreshed)) {
    case HttpVerdict::refresh:
      out_.warn(refresh_text(code));
      attempt_.refreshed = true;
      return fetch_token();
    case HttpVerdict::soft:
      out_.error(failed_to_connect_text(status, code));
      out_.warn(soft_http_text(status));
      return retry(given_delay(failure, now_));
    case HttpVerdict::hard:
      out_.error(failed_to_connect_text(status, code));
      out_.error(hard_http_text(status, code));
      out_.error(stopping_text(call, status));
      return stop(*cause_);
  }
}

void ClientSession::timed_out() {
  cause_ = Failed{.status = {}, .code = {}, .reason = "timeout"};
  out_.effects.push_back(Abort{attempt_.number, /*timed_out=*/true});
  out_.error("[WS] Failed to connect TimeoutError");
  out_.warn("[WS] Soft failure - timeout, will retry");
  retry();
}

void ClientSession::closed(std::uint16_t code, const std::string& reason, bool clean) {
  const std::string shown = secrets_.mask(reason);
  const std::string text = close_text(code, shown, clean);
  cause_ = Failed{.status = {}, .code = code, .reason = shown};
  out_.warn("[WS] Disconnected " + text);
  const bool stable = settle_uptime();
  if (code == kTokenExpired) fresh_ = true;

  const bool slept = code == 1008 && reason == "NOT_AUTHORIZED" && attempt_.ticket_is_old(now_);
  if (!connection_ && (code == kTicketExpired || slept)) return retry_ticket();
  if (wire::is_hard(code, reason)) {
    out_.error("[WS] Hard failure - stopping reconnect " + text);
    return stop(*cause_);
  }
  if (!connection_) return retry();
  retry(connection_->given, stable && loses_node(code) ? connection_->spread_ms() : 0);
}

// Whether the connection that ends was stable; then what failed before it is forgiven.
bool ClientSession::settle_uptime() {
  const bool stable = connection_ && connection_->is_stable(now_);
  if (stable) policy_.stable();
  return stable;
}

// A new ticket is all that is missing: at once, but only the first time in a row.
void ClientSession::retry_ticket() {
  if (!policy_.failed_free()) return retry();
  out_.warn("[WS] Reconnecting in 0ms (attempt " + std::to_string(policy_.failures()) + ")");
  rest(Stage::waiting);
  become(Status::reconnecting);
  hurry();
}

void ClientSession::retry(GivenDelay given, double spread_ms) {
  const Millis delay = policy_.failed(given, spread_ms);
  out_.warn("[WS] Reconnecting in " + std::to_string(delay.count()) + "ms (attempt " +
            std::to_string(policy_.failures()) + ")");
  rest(Stage::waiting, given.ms > 0 ? now_ + capped_delay(given.ms) : Instant{});
  become(Status::reconnecting);
  if (!offline_) arm(now_ + delay);
}

void ClientSession::stop(Failed failure) {
  rest(Stage::idle);
  hold_until_ = attempt_.began_at + kHold;
  failure_ = failure;
  become(Status::disconnected);
  out_.events.push_back(std::move(failure));
}

}  // namespace usher::client
