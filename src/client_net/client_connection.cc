#include "client_net/client_connection.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <boost/json/serialize.hpp>

#include "client/socket_url.h"
#include "wire/ws_handshake.h"

namespace usher::client_net {

namespace {

void check_raw(const ConnectionOptions& options) {
  check_url(options.raw->gateway);
  if (client::names_ticket(options.url))
    throw std::invalid_argument("the URL must have no parameter \"ticket\": usher adds its own");
}

}  // namespace

std::shared_ptr<ClientConnection> ClientConnection::make(
    const boost::asio::any_io_executor& executor, ConnectionOptions options, Listeners listeners,
    std::unique_ptr<TokenProvider> provider) {
  check_url(options.url);
  if (options.raw) check_raw(options);
  std::shared_ptr<ClientConnection> connection(
      new ClientConnection(executor, std::move(options), std::move(listeners)));
  const ConnectionOptions& its = connection->options_;
  connection->calls_ = GatewayCalls::make(connection->loop_.executor(),
                                          {.url = its.raw ? its.raw->gateway : its.url,
                                           .origin = its.origin,
                                           .trust = its.trust,
                                           .guest_file = its.guest_file,
                                           .credentials = its.credentials},
                                          connection->calls_events(), std::move(provider));
  connection->runner_.start(connection->loop_.executor(), [weak = connection->weak_from_this()] {
    if (const auto alive = weak.lock()) alive->take(client::Tick{});
  });
  return connection;
}

ClientConnection::ClientConnection(const boost::asio::any_io_executor& executor,
                                   ConnectionOptions options, Listeners listeners)
    : loop_(executor),
      options_(std::move(options)),
      listeners_(std::move(listeners)),
      runner_([this](const client::Output& output) { carry_out(output); },
              client::SessionOptions{.url = options_.url,
                                     .raw = options_.raw.has_value(),
                                     .has_token = options_.has_token}) {}

GatewayCallsEvents ClientConnection::calls_events() {
  const auto alive = [weak = weak_from_this()](auto then) {
    return [weak, then](auto&&... args) {
      if (const auto self = weak.lock()) then(*self, std::forward<decltype(args)>(args)...);
    };
  };
  return {.token = alive([](ClientConnection& self, client::Attempt attempt, TokenAnswer answer) {
            self.token_answered(attempt, std::move(answer));
          }),
          .ticket = alive([](ClientConnection& self, client::Attempt attempt,
                             std::variant<IssuedTicket, client::HttpFailure> answer) {
            self.ticket_answered(attempt, std::move(answer));
          }),
          .detail = alive([](ClientConnection& self, const std::string& text) {
            self.tell(self.listeners_.detail, text);
          }),
          .now = [this] { return runner_.now(); }};  // the calls are this object's
}

void ClientConnection::call(client::Input input) {
  loop_.post([self = shared_from_this(), input = std::move(input)]() mutable {
    if (!self->closed_) self->take(std::move(input));
  });
}

bool ClientConnection::publish(std::string channel, std::string json) {
  const std::size_t size = channel.size() + json.size();
  if (status() != client::Status::connected || *outbox_ + size > kOutboxBytesMax) return false;
  if (!FrameText().is_valid(json)) return false;
  // Line ends, which can only stand between tokens, would end the command.
  std::ranges::replace_if(
      json, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  *outbox_ += size;
  loop_.post(
      [self = shared_from_this(), channel = std::move(channel), json = std::move(json), size] {
        *self->outbox_ -= size;
        if (!self->closed_) self->take(client::Publish{channel, boost::json::string(json)});
      });
  return true;
}

bool ClientConnection::send_message(std::string data, bool binary) {
  if (!socket_ || status() != client::Status::connected) return false;
  socket_->send(std::move(data), binary);
  return true;
}

void ClientConnection::hold(bool held) {
  if (!socket_) return;
  if (held) return socket_->hold();
  socket_->resume();
}

void ClientConnection::shut_down() {
  muted_ = true;
  loop_.post([self = shared_from_this()] {
    self->take(client::Disconnect{});
    self->closed_ = true;
    self->runner_.stop();
    self->listeners_ = {};
  });
}

void ClientConnection::take(client::Input input) { runner_.take(std::move(input)); }

void ClientConnection::carry_out(const client::Output& output) {
  status_ = runner_.core().status();
  // The detail comes before the log lines of the failure, as for every other failure.
  for (const client::Effect& effect : output.effects) {
    const auto* const abort = std::get_if<client::Abort>(&effect);
    if (abort != nullptr && abort->timed_out) say_what_hangs(abort->attempt);
  }
  for (const client::LogLine& line : output.log) tell(listeners_.log, line);
  for (const client::Effect& effect : output.effects) {
    std::visit([this](const auto& one) { perform(one); }, effect);
  }
  if (listeners_.stage) {
    for (const client::StageChange& change : output.stages) tell(listeners_.stage, change);
  }
  for (const client::Status status : output.status) tell(listeners_.status, status);
  for (const client::Event& event : output.events) tell(listeners_.event, event);
}

// Calls a listener. Its exception is reported, and must not break the client.
template <class... Args>
void ClientConnection::tell(const std::function<void(Args...)>& listener,
                            const std::type_identity_t<Args>&... args) {
  if (muted_) return;
  try {
    listener(args...);
  } catch (const std::exception& error) {
    complain(std::string("a listener threw: ") + error.what());
  } catch (...) {
    complain("a listener threw something that is no std::exception");
  }
}

// An exception of this listener is dropped: there is no other way to report it.
void ClientConnection::complain(const std::string& text) noexcept {
  try {
    if (!muted_) listeners_.detail(text);
  } catch (...) {
  }
}

// Tells which step a stage that took too long was waiting for.
void ClientConnection::say_what_hangs(client::Attempt attempt) {
  tell(listeners_.detail,
       socket_ ? "socket: not connected in time: " + socket_->step() : calls_->what_hangs(attempt));
}

void ClientConnection::perform(const client::FetchToken& effect) { calls_->fetch_token(effect); }

void ClientConnection::perform(const client::FetchTicket& effect) {
  std::string body;
  if (!effect.subs.empty())
    body = boost::json::serialize(boost::json::object{{"subs", effect.subs}});
  calls_->fetch_ticket(effect.attempt, effect.token, std::move(body));
}

void ClientConnection::perform(const client::OpenSocket& effect) {
  const auto alive = [weak = weak_from_this(), attempt = effect.attempt](auto then) {
    return [weak, attempt, then](auto&&... args) {
      if (const auto self = weak.lock())
        then(*self, attempt, std::forward<decltype(args)>(args)...);
    };
  };
  WebSocketEvents events;
  events.on_open =
      alive([](ClientConnection& self, client::Attempt attempt, std::string_view subprotocol) {
        self.take(client::SocketOpen{attempt, std::string(subprotocol)});
      });
  events.on_message =
      alive([](ClientConnection& self, client::Attempt attempt, std::string_view data,
               bool binary) { self.message_received(attempt, data, binary); });
  events.on_sent = alive([](ClientConnection& self, client::Attempt) {
    if (self.options_.raw) self.tell(self.listeners_.sent);
  });
  events.on_end = alive([](ClientConnection& self, client::Attempt attempt,
                           const WebSocketEnd& end) { self.socket_ended(attempt, end); });
  const ConnectionFaults& faults = options_.faults;
  socket_ =
      open_web_socket(loop_.executor(), options_.trust,
                      {.endpoint = *http_client::parse_url(effect.url),
                       .subprotocols = subprotocols(),
                       .origin = faults.socket_origin ? faults.socket_origin : options_.origin,
                       .message_bytes_max = options_.message_bytes_max,
                       .outbox = outbox_},
                      std::move(events));
}

void ClientConnection::perform(const client::Send& effect) {
  if (socket_) socket_->send(command_text(effect.data));
}

void ClientConnection::perform(const client::CloseSocket& effect) {
  if (const auto socket = std::exchange(socket_, nullptr)) socket->close(effect.code);
}

void ClientConnection::perform(const client::Abort& effect) {
  calls_->abort(effect.attempt);
  if (const auto socket = std::exchange(socket_, nullptr)) socket->abandon();
}

void ClientConnection::perform(const client::AbortRefresh& effect) {
  calls_->abort(effect.attempt);
}

void ClientConnection::token_answered(client::Attempt attempt, TokenAnswer answer) {
  if (auto* token = std::get_if<FetchedToken>(&answer)) {
    return take(client::TokenReady{attempt, std::move(token->token), token->cached});
  }
  take(client::TokenFailed{attempt, std::get<client::HttpFailure>(std::move(answer))});
}

void ClientConnection::ticket_answered(client::Attempt attempt,
                                       std::variant<IssuedTicket, client::HttpFailure> answer) {
  if (auto* issued = std::get_if<IssuedTicket>(&answer)) {
    return take(client::TicketReady{attempt, options_.faults.ticket.value_or(issued->ticket),
                                    issued->life});
  }
  take(client::TicketFailed{attempt, std::get<client::HttpFailure>(std::move(answer))});
}

std::vector<std::string> ClientConnection::subprotocols() const {
  if (!options_.raw) return {std::string(wire::kSubprotocol)};
  std::vector<std::string> offer = options_.raw->subprotocols;
  offer.insert(offer.end(), {std::string(client::kAccepted), std::string(client::kRefused)});
  return offer;
}

void ClientConnection::message_received(client::Attempt attempt, std::string_view data,
                                        bool binary) {
  if (options_.raw) {
    if (status() == client::Status::connected) tell(listeners_.message, data, binary);
    return;
  }
  // A binary message says nothing, but proves that the server is alive.
  for (auto& value : frames_.read(binary ? std::string_view() : data))
    take(client::Frame{attempt, std::move(value)});
}

void ClientConnection::socket_ended(client::Attempt attempt, const WebSocketEnd& end) {
  socket_.reset();
  if (!end.detail.empty()) tell(listeners_.detail, "socket: " + end.detail);
  take(client::SocketClosed{attempt, end.code, end.reason, end.clean});
}

}  // namespace usher::client_net
