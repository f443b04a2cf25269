#include "pair/line.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "support/publications.h"
#include "wire/ws_message.h"

namespace usher::test {

Line::Line(VirtualTime& time, const Network& network, session::SessionDependencies& dependencies,
           Client& client, client::Attempt attempt, std::string ticket)
    : time_(time),
      network_(network),
      dependencies_(dependencies),
      client_(client),
      attempt_(attempt),
      ticket_(std::move(ticket)),
      client_hears_at_(time.now()),
      server_hears_at_(time.now()) {
  if (network_.is_down) {
    server_over_ = true;
    time_.plan(network_.delay, [this] { end_client(kNoCloseFrame, "", false); });
  } else {
    to_server([this] { begin(); });
  }
}

void Line::begin() {
  edge::Outlet& outlet = *this;
  session_ = std::make_unique<session::ServerSession>(outlet, dependencies_);
  session_->begin({.endpoint = edge::Endpoint::ws,
                   .origin = {},
                   .ticket_offer = wire::TicketOffer::one,
                   .ticket = ticket_,
                   .subprotocol = true,
                   .peer_address = "192.0.2.7"},
                  time_.now());
}

// ---- the client's calls ----

void Line::send(std::string text) {
  to_server([this, text = std::move(text)]() mutable {
    if (closing_) return;
    ASSERT_FALSE(paused_) << "a session that waits for its turn is handed a message";
    const std::size_t size = text.size();
    text.append(wire::kSpareBytes, '\0');
    session_->on_text(std::string_view(text).substr(0, size), time_.now());
  });
}

void Line::hang_up(std::uint16_t code) {
  client_over_ = true;
  to_server([this, code] { end_server(code, ""); });
}

void Line::cut() {
  end_client(kNoCloseFrame, "", false);
  end_server(kNoCloseFrame, "");
}

// ---- the server's side ----

void Line::shut_down(Duration retry_after) { session_->on_shutdown(retry_after); }

void Line::on_deadline() {
  deadline_.reset();
  session_->on_deadline(time_.now());
}

bool Line::run_turn() {
  if (!std::exchange(awake_, false) || !is_open()) return false;
  paused_ = false;
  session_->on_turn(time_.now());
  return true;
}

void Line::send_text(std::string_view payload) {
  if (closing_) return;
  to_client([this, text = std::string(payload)] { client_.on_text(attempt_, text); });
}

void Line::send_binary(std::string_view) { ADD_FAILURE() << "a binary frame to a text client"; }

void Line::send_frame(const wire::SharedFrame& frame) { send_text(payload_of(frame)); }

void Line::send_ping() { ADD_FAILURE() << "a WebSocket ping to a client that knows our own"; }

void Line::close(const wire::CloseReason& reason) {
  if (std::exchange(closing_, true)) return;
  deadline_.reset();
  to_client([this, code = reason.code, text = std::string(reason.reason)] {
    to_server([this, code, text] { end_server(code, text); });
    end_client(code, text, true);
  });
  time_.plan(kLinger, [this, code = reason.code, text = std::string(reason.reason)] {
    end_server(code, text);
  });
}

void Line::release() {
  if (std::exchange(released_, true)) return;
  auto held = std::exchange(held_, {});
  to_client([this] { client_.on_open(attempt_); });
  for (auto& event : held) to_client(std::move(event));
}

// ---- the two directions ----

void Line::to_client(UniqueFunction<void()> event) {
  if (!released_) return held_.push_back(std::move(event));
  client_is_deaf_ = client_is_deaf_ || network_.loses_to_client;
  if (client_is_deaf_) return;
  client_hears_at_ = std::max(client_hears_at_, time_.now() + network_.delay);
  time_.plan(client_hears_at_, [this, event = std::move(event)]() mutable {
    if (!client_over_) event();
  });
}

void Line::to_server(UniqueFunction<void()> event) {
  server_is_deaf_ = server_is_deaf_ || network_.loses_to_server;
  if (server_is_deaf_) return;
  server_hears_at_ = std::max(server_hears_at_, time_.now() + network_.delay);
  time_.plan(server_hears_at_, [this, event = std::move(event)]() mutable {
    if (!server_over_) event();
  });
}

void Line::end_client(std::uint16_t code, const std::string& reason, bool clean) {
  if (std::exchange(client_over_, true)) return;
  client_.on_closed(attempt_, code, reason, clean);
}

void Line::end_server(std::uint16_t code, const std::string& reason) {
  if (std::exchange(server_over_, true)) return;
  closing_ = true;
  deadline_.reset();
  if (session_) session_->on_closed({.code = code, .reason = reason});
  session_.reset();
}

}  // namespace usher::test
