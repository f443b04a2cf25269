#include "client/client_session.h"

#include <algorithm>
#include <utility>

#include "client/json_fields.h"
#include "client/retry_after.h"
#include "client/socket_url.h"

namespace usher::client {

namespace {

constexpr Millis kStageMax = std::chrono::seconds(10);
constexpr Millis kHold = std::chrono::seconds(1);
constexpr std::uint16_t kNormal = 1000;
constexpr std::uint16_t kTokenExpired = 3005;
constexpr std::uint16_t kNoPong = 3012;
constexpr std::uint16_t kBadRequest = 3501;

}  // namespace

// ---- the user, the platform, the clock

ClientSession::ClientSession(SessionOptions options, Random random)
    : ClientSession(options, make_standing<ReconnectPolicy>(options.has_token, std::move(random)),
                    0) {}

ClientSession::ClientSession(SessionOptions options, std::shared_ptr<Standing> standing,
                             Attempt before)
    : options_(std::move(options)),
      standing_(std::move(standing)),
      subscriptions_(standing_->policy->random()),
      attempt_{.number = before} {}

Output ClientSession::handle(const Input& input, Instant now) {
  now_ = now;
  subscriptions_.set_now(now);
  out_ = {};
  progress_.begin_input();
  if (!options_.raw || !is_of_protocol(input)) {
    if (progress_.stage() == Stage::connected) subscriptions_.refresh().take(input, out_);
    std::visit([this](const auto& one) { take(one); }, input);
  }
  progress_.announce_rest(standing_->policy->failures(), deadline_.due(), now, out_);
  return std::move(out_);
}

std::optional<Instant> ClientSession::timer() const {
  return earlier(deadline_.due(), subscriptions_.due());
}

void ClientSession::take(const Connect&) {
  if (progress_.stage() == Stage::idle) {
    failure_.reset();
    rest(Stage::waiting, hold_until_);
    become(Status::connecting);
  }
  hurry();
}

void ClientSession::take(const Disconnect&) {
  settle_uptime();
  if (connection_) {
    out_.effects.push_back(CloseSocket{attempt_.number, kNormal});
  } else if (progress_.is_attempting()) {
    out_.effects.push_back(Abort{attempt_.number});
  }
  standing_->policy->restart();
  rest(Stage::idle);
  become(Status::disconnected);
}

void ClientSession::take(const Subscribe& call) {
  subscriptions_.subscribe(call.channel, progress_.stage() == Stage::connected, out_);
}

void ClientSession::take(const Unsubscribe& call) {
  subscriptions_.unsubscribe(call.channel, progress_.stage() == Stage::connected, out_);
}

void ClientSession::take(const Publish& call) {
  subscriptions_.publish(call.channel, call.data, progress_.stage() == Stage::connected, out_);
}

void ClientSession::take(const Offline&) {
  if (is_loopback(options_.url)) return;
  offline_ = true;
  if (progress_.stage() == Stage::waiting) deadline_.clear();
  if (!progress_.is_attempting()) return;
  out_.effects.push_back(Abort{attempt_.number});
  rest(Stage::waiting);
  become(Status::reconnecting);
}

void ClientSession::take(const Online&) {
  if (std::exchange(offline_, false)) hurry();
}

// While waiting: an attempt at once, or as soon as it is allowed. `anyway`: the platform may be
// wrong about being offline.
void ClientSession::hurry(bool anyway) {
  if (progress_.stage() != Stage::waiting || (offline_ && !anyway)) return;
  if (not_before_ <= now_) return begin();
  if (!offline_) deadline_.set(not_before_);
}

void ClientSession::take(const Tick&) {
  subscriptions_.tick(out_);
  if (!deadline_.is_over(now_)) return;
  if (progress_.stage() == Stage::waiting) return begin();
  // The page or machine was suspended: frames that have arrived meanwhile come first.
  if (deadline_.move_if_late(now_)) return;
  if (!connection_) {
    out_.effects.push_back(Abort{attempt_.number, /*timed_out=*/true});
    return unanswered("timeout", "TimeoutError");
  }
  out_.effects.push_back(CloseSocket{attempt_.number, kNoPong});
  closed(1006, "", false);
}

void ClientSession::enter(Stage stage) {
  progress_.move_to(stage);
  deadline_.set(now_ + kStageMax);
  progress_.announce(standing_->policy->failures(), out_);
}

void ClientSession::rest(Stage stage, Instant not_before) {
  progress_.move_to(stage);
  deadline_.clear();
  connection_.reset();
  subscriptions_.lost(out_);
  not_before_ = not_before;
}

void ClientSession::become(Status status) {
  if (status == status_) return;
  status_ = status;
  out_.status.push_back(status);
}

// ---- token, ticket, socket: an answer is taken only in the stage of the attempt that waits for it

bool ClientSession::waits_for(Stage stage, Attempt attempt) const {
  return progress_.stage() == stage && attempt_.number == attempt;
}

void ClientSession::begin() {
  attempt_ = CurrentAttempt{.number = attempt_.number + 1, .began_at = now_};
  if (!standing_->has_token) return fetch_ticket(subscriptions_.restore());
  out_.info("[WS] Ensuring JWT token exists...");
  fetch_token();
}

void ClientSession::fetch_token() {
  attempt_.cached = !standing_->fresh;
  enter(Stage::token);
  out_.effects.push_back(FetchToken{attempt_.number, standing_->fresh});
}

void ClientSession::take(const TokenReady& answer) {
  standing_->secrets.add(answer.token);
  if (!waits_for(Stage::token, answer.attempt)) return;
  standing_->fresh = false;
  attempt_.cached = answer.cached;
  attempt_.token = answer.token;
  out_.info("[WS] JWT ready");
  fetch_ticket(subscriptions_.restore());
}

void ClientSession::fetch_ticket(json::object subs) {
  attempt_.ticket_asked_at = now_;
  out_.info("[WS] Requesting WebSocket ticket...");
  enter(Stage::ticket);
  out_.effects.push_back(FetchTicket{attempt_.number, attempt_.token, std::move(subs)});
}

void ClientSession::take(const TokenFailed& answer) {
  if (waits_for(Stage::token, answer.attempt)) call_failed(Call::token, answer.failure);
}

void ClientSession::take(const TicketReady& answer) {
  standing_->secrets.add(answer.ticket);
  if (!waits_for(Stage::ticket, answer.attempt)) return;
  attempt_.ticket_life = answer.expires_in;
  if (attempt_.ticket_is_old(now_)) return retry_ticket();
  out_.info("[WS] Ticket obtained, connecting to WebSocket...");
  enter(Stage::socket);
  out_.effects.push_back(OpenSocket{attempt_.number, options_.url_with(answer.ticket)});
}

void ClientSession::take(const TicketFailed& answer) {
  if (!waits_for(Stage::ticket, answer.attempt)) return;
  const int status = answer.failure.status.value_or(0);
  const bool may_be_the_wishes = status == 400 || status == 413;
  if (!may_be_the_wishes || !subscriptions_.withhold(status == 413))
    return call_failed(Call::ticket, answer.failure);
  // A refused subscription never stops a client, whatever a server or a proxy answers.
  progress_.fail(
      {.status = status, .code = {}, .reason = standing_->secrets.mask(answer.failure.code)});
  out_.warn("[WS] Received " + std::to_string(status) +
            ", asking for the subscriptions on the socket...");
  fetch_ticket({});
}

void ClientSession::take(const SocketOpen& open) {
  const bool lets_in = options_.raw && open.protocol != kRefused;
  if (lets_in && waits_for(Stage::socket, open.attempt)) connected({});
}

void ClientSession::take(const Frame& frame) {
  if (!waits_for(Stage::socket, frame.attempt) && !waits_for(Stage::connected, frame.attempt))
    return;
  if (connection_) deadline_.set(connection_->ping_due(now_));
  if (const json::object* object = frame.data.if_object()) received(*object);
}

void ClientSession::take(const SocketClosed& end) {
  if (!waits_for(Stage::socket, end.attempt) && !waits_for(Stage::connected, end.attempt)) return;
  closed(end.code, end.reason, end.clean);
}

void ClientSession::received(const json::object& frame) {
  const json::object* push = object_field(frame, "push");
  if (!connection_) {
    const json::object* connect = push ? object_field(*push, "connect") : nullptr;
    if (connect) connected(*connect);
    return;
  }
  if (frame.empty() && connection_->wants_pong()) {
    out_.effects.push_back(Send{});
    subscriptions_.retry(out_);
  }
  if (const json::object* disconnect = push ? object_field(*push, "disconnect") : nullptr)
    connection_->announce_end(*disconnect, now_);
  subscriptions_.received(frame, out_);
}

void ClientSession::connected(const json::object& push) {
  progress_.move_to(Stage::connected);
  offline_ = false;  // whatever the platform says
  connection_.emplace(push, now_);
  deadline_.set(connection_->ping_due(now_));
  progress_.announce(standing_->policy->failures(), out_);
  out_.info("[WS] Connected");
  become(Status::connected);
  subscriptions_.connected(object_field(push, "subs"), out_);
  subscriptions_.refresh().begin(attempt_.number, *standing_, push, out_);
}

// ---- why an attempt or a connection ends, and what then

void ClientSession::call_failed(Call call, const HttpFailure& failure) {
  if (!failure.status) return unanswered("network error", "NetworkError");
  const int status = *failure.status;
  const std::string code = standing_->secrets.mask(failure.code);
  const Failed cause = progress_.fail({.status = status, .code = {}, .reason = code});
  if (status == 401) standing_->fresh = true;
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
      return stop(cause);
  }
}

void ClientSession::unanswered(const std::string& reason, const std::string& error) {
  progress_.fail({.status = {}, .code = {}, .reason = reason});
  out_.error("[WS] Failed to connect " + error);
  out_.warn("[WS] Soft failure - " + reason + ", will retry");
  retry();
}

void ClientSession::closed(std::uint16_t code, const std::string& reason, bool clean) {
  const std::string shown = standing_->secrets.mask(reason);
  const std::string text = close_text(code, shown, clean);
  const Failed cause = progress_.fail({.status = {}, .code = code, .reason = shown});
  out_.warn("[WS] Disconnected " + text);
  const bool stable = settle_uptime();
  if (code == kTokenExpired) standing_->fresh = true;
  CloseVerdict verdict =
      classify_close(code, reason, connection_.has_value(), attempt_.ticket_is_old(now_));
  // The new token may be that of another session: the next connection is its.
  if (code == kBadRequest && subscriptions_.refresh().is_unanswered()) verdict = CloseVerdict::soft;
  switch (verdict) {
    case CloseVerdict::new_ticket:
      return retry_ticket();
    case CloseVerdict::hard:
      out_.error("[WS] Hard failure - stopping reconnect " + text);
      return stop(cause);
    case CloseVerdict::soft:
      if (!connection_) return retry();
      return retry(connection_->given(), stable && loses_node(code) ? connection_->spread_ms() : 0);
  }
}

// Returns whether the connection that ends was stable. If so, the failures before it are forgiven.
bool ClientSession::settle_uptime() {
  const bool stable = connection_ && connection_->is_stable(now_);
  if (stable) standing_->policy->stable();
  return stable;
}

// Only the ticket was at fault: tries again at once, but only the first time in a row.
void ClientSession::retry_ticket() {
  if (!standing_->policy->failed_free()) return retry();
  out_.warn(reconnecting_text(Millis(0), standing_->policy->failures()));
  rest(Stage::waiting);
  become(Status::reconnecting);
  hurry();
}

void ClientSession::retry(GivenDelay given, double spread_ms) {
  const Millis delay = standing_->policy->failed(given, spread_ms);
  out_.warn(reconnecting_text(delay, standing_->policy->failures()));
  rest(Stage::waiting, given.ms > 0 ? now_ + capped_delay(given.ms) : Instant{});
  become(Status::reconnecting);
  if (!offline_) deadline_.set(now_ + delay);
}

void ClientSession::stop(Failed failure) {
  rest(Stage::idle);
  hold_until_ = attempt_.began_at + kHold;
  failure_ = failure;
  become(Status::disconnected);
  out_.events.push_back(std::move(failure));
}

}  // namespace usher::client
