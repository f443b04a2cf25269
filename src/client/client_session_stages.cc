// Token, ticket, socket.
#include "client/client_session.h"
#include "client/json_fields.h"
#include "client/retry_after.h"
#include "client/socket_url.h"

namespace usher::client {

bool ClientSession::waits_for(Stage stage, Attempt attempt) const {
  return stage_ == stage && attempt_.number == attempt;
}

void ClientSession::begin() {
  attempt_ = CurrentAttempt{.number = attempt_.number + 1, .began_at = now_};
  out_.info("[WS] Ensuring JWT token exists...");
  fetch_token();
}

void ClientSession::fetch_token() {
  attempt_.cached = !fresh_;
  enter(Stage::token);
  out_.effects.push_back(FetchToken{attempt_.number, fresh_});
}

void ClientSession::take(const TokenReady& answer) {
  secrets_.add(answer.token);
  if (!waits_for(Stage::token, answer.attempt)) return;
  fresh_ = false;
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
  secrets_.add(answer.ticket);
  if (!waits_for(Stage::ticket, answer.attempt)) return;
  attempt_.ticket_life = answer.expires_in;
  if (attempt_.ticket_is_old(now_)) return retry_ticket();
  out_.info("[WS] Ticket obtained, connecting to WebSocket...");
  enter(Stage::socket);
  out_.effects.push_back(OpenSocket{attempt_.number, socket_url(options_.url, answer.ticket)});
}

void ClientSession::take(const TicketFailed& answer) {
  if (!waits_for(Stage::ticket, answer.attempt)) return;
  const int status = answer.failure.status.value_or(0);
  const bool may_be_the_wishes = status == 400 || status == 413;
  if (!may_be_the_wishes || !subscriptions_.withhold(status == 413))
    return call_failed(Call::ticket, answer.failure);
  // No wish ends a client, whatever a server or a proxy makes of it.
  cause_ = Failed{.status = status, .code = {}, .reason = secrets_.mask(answer.failure.code)};
  out_.warn("[WS] Received " + std::to_string(status) +
            ", asking for the subscriptions on the socket...");
  fetch_ticket({});
}

void ClientSession::take(const Frame& frame) {
  if (!waits_for(Stage::socket, frame.attempt) && !waits_for(Stage::connected, frame.attempt))
    return;
  if (connection_) arm(connection_->ping_due(now_));
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
  if (const json::object* disconnect = push ? object_field(*push, "disconnect") : nullptr) {
    const HttpFailure words{.retry_after_ms = number_field(*disconnect, "retry_after_ms"),
                            .place = bool_field(*disconnect, "place").value_or(false)};
    connection_->given = given_delay(words, now_);
  }
  subscriptions_.received(frame, out_);
}

void ClientSession::connected(const json::object& push) {
  stage_ = Stage::connected;
  offline_ = false;  // whatever the platform says
  connection_.emplace(push, now_);
  arm(connection_->ping_due(now_));
  announce_stage();
  out_.info("[WS] Connected");
  become(Status::connected);
  subscriptions_.connected(object_field(push, "subs"), out_);
}

}  // namespace usher::client
