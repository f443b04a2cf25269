#include "client_net/client_connection.h"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <utility>

#include <boost/json/serialize.hpp>

#include "client/socket_url.h"
#include "client_net/guest_token_provider.h"

namespace usher::client_net {

namespace {

client::Instant civil_now() { return client::Instant(SystemWallClock().now().time_since_epoch()); }

// Uniform in [0, 1): 53 random bits, as many as a double holds.
double draw(Entropy& entropy) {
  const auto bits = std::bit_cast<std::uint64_t>(entropy.bytes<8>());
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

void check_url(const std::string& url) {
  const auto endpoint = http_client::parse_url(url);
  if (endpoint) return;
  switch (endpoint.error()) {
    case http_client::UrlError::malformed:
      throw std::invalid_argument("not a URL: give it as https://host[:port][/path]");
    case http_client::UrlError::scheme_unknown:
      throw std::invalid_argument("the URL must begin with http, https, ws or wss");
    case http_client::UrlError::holds_credentials:
      throw std::invalid_argument("the URL must hold no user name or password");
  }
}

}  // namespace

std::shared_ptr<ClientConnection> ClientConnection::make(
    const boost::asio::any_io_executor& executor, ConnectionOptions options, Listeners listeners,
    std::unique_ptr<TokenProvider> provider) {
  check_url(options.url);
  std::shared_ptr<ClientConnection> connection(
      new ClientConnection(executor, std::move(options), std::move(listeners)));
  ClientConnection* const self = connection.get();  // owns the two objects below that hold it
  if (!provider) provider = self->make_guests();
  self->tokens_ = std::make_unique<TokenDesk>(std::move(provider),
                                              [self](client::Attempt attempt, TokenAnswer answer) {
                                                self->token_answered(attempt, std::move(answer));
                                              });
  self->timer_ =
      std::make_unique<BootTimer>(self->loop_.executor(), [weak = connection->weak_from_this()] {
        if (const auto alive = weak.lock()) alive->take(client::Tick{});
      });
  return connection;
}

ClientConnection::ClientConnection(const boost::asio::any_io_executor& executor,
                                   ConnectionOptions options, Listeners listeners)
    : loop_(executor),
      options_(std::move(options)),
      base_url_(client::base_url(options_.url)),
      started_at_(clock_.now()),
      started_as_(civil_now()),
      listeners_(std::move(listeners)),
      session_({.url = options_.url}, [this] { return draw(entropy_); }) {}

std::unique_ptr<TokenProvider> ClientConnection::make_guests() {
  auto ask = [this](std::optional<std::string> bearer, std::function<void(HttpAnswer)> done) {
    auto call = post("/auth/token", std::move(bearer), "", std::move(done));
    guest_call_ = call;
    return [call = std::move(call)] { call->cancel(); };
  };
  return std::make_unique<GuestTokenProvider>(TokenFile(options_.guest_file, base_url_),
                                              std::move(ask), [this] { return now(); });
}

client::Instant ClientConnection::now() const {
  return started_as_ + std::chrono::floor<client::Millis>(clock_.now() - started_at_);
}

void ClientConnection::call(client::Input input) {
  loop_.post([self = shared_from_this(), input = std::move(input)]() mutable {
    if (!self->closed_) self->take(std::move(input));
  });
}

bool ClientConnection::publish(std::string channel, std::string json) {
  const std::size_t size = channel.size() + json.size();
  if (status_ != client::Status::connected || *outbox_ + size > kOutboxBytesMax) return false;
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

void ClientConnection::shut_down() {
  muted_ = true;
  loop_.post([self = shared_from_this()] {
    self->take(client::Disconnect{});
    self->closed_ = true;
    self->timer_.reset();
    self->listeners_ = {};
  });
}

std::optional<client::Failed> ClientConnection::failure() const {
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

// One input after the other: an input that an effect or a listener causes inline waits for its
// turn.
void ClientConnection::take(client::Input input) {
  inbox_.push_back(std::move(input));
  if (std::exchange(draining_, true)) return;
  while (!inbox_.empty()) {
    const client::Input next = std::move(inbox_.front());
    inbox_.pop_front();
    const client::Output output = session_.handle(next, now());
    {
      const std::lock_guard lock(failure_mutex_);
      failure_ = session_.failure();
    }
    status_ = session_.status();
    carry_out(output);
  }
  draining_ = false;
  arm_timer();
}

void ClientConnection::carry_out(const client::Output& output) {
  // The detail comes before the log lines of the failure, as for every other failure.
  for (const client::Effect& effect : output.effects) {
    const auto* const abort = std::get_if<client::Abort>(&effect);
    if (abort != nullptr && abort->timed_out) say_what_hangs();
  }
  for (const client::LogLine& line : output.log) tell(listeners_.log, line);
  for (const client::Effect& effect : output.effects) {
    std::visit([this](const auto& one) { perform(one); }, effect);
  }
  for (const client::Status status : output.status) tell(listeners_.status, status);
  for (const client::Event& event : output.events) tell(listeners_.event, event);
}

void ClientConnection::arm_timer() {
  if (!timer_) return;
  const auto due = session_.timer();
  if (!due) return timer_->disarm();
  timer_->arm(started_at_ + (*due - started_as_));
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
void ClientConnection::say_what_hangs() {
  if (socket_) return tell(listeners_.detail, "socket: not connected in time: " + socket_->step());
  if (ticket_call_)
    return tell(listeners_.detail, "/auth/ticket: no answer in time: " + ticket_call_->step());
  const auto call = guest_call_.lock();
  tell(listeners_.detail, call ? "/auth/token: no answer in time: " + call->step()
                               : "the token source has not answered in time");
}

void ClientConnection::perform(const client::FetchToken& effect) {
  tokens_->fetch(effect.attempt, effect.fresh);
}

void ClientConnection::perform(const client::FetchTicket& effect) {
  std::string body;
  if (!effect.subs.empty())
    body = boost::json::serialize(boost::json::object{{"subs", effect.subs}});
  ticket_call_ = post("/auth/ticket", effect.token, std::move(body),
                      [this, attempt = effect.attempt, token = effect.token](
                          const HttpAnswer& answer) { ticket_answered(attempt, token, answer); });
}

void ClientConnection::perform(const client::OpenSocket& effect) {
  const auto alive = [weak = weak_from_this(), attempt = effect.attempt](auto then) {
    return [weak, attempt, then](auto&&... args) {
      if (const auto self = weak.lock())
        then(*self, attempt, std::forward<decltype(args)>(args)...);
    };
  };
  WebSocketEvents events;
  events.on_open = alive([](ClientConnection& self, client::Attempt attempt) {
    self.take(client::SocketOpen{attempt});
  });
  events.on_text = alive([](ClientConnection& self, client::Attempt attempt,
                            std::string_view text) { self.text_received(attempt, text); });
  events.on_end = alive([](ClientConnection& self, client::Attempt attempt,
                           const WebSocketEnd& end) { self.socket_ended(attempt, end); });
  const ConnectionFaults& faults = options_.faults;
  socket_ =
      open_web_socket(loop_.executor(), options_.trust,
                      {.endpoint = *http_client::parse_url(effect.url),
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

void ClientConnection::perform(const client::Abort&) {
  tokens_->abort();
  if (const auto call = std::exchange(ticket_call_, nullptr)) call->cancel();
  if (const auto socket = std::exchange(socket_, nullptr)) socket->abandon();
}

std::shared_ptr<http_client::Call> ClientConnection::post(const char* path,
                                                          std::optional<std::string> bearer,
                                                          std::string body,
                                                          std::function<void(HttpAnswer)> done) {
  PostRequest request{.endpoint = *http_client::parse_url(base_url_ + path),
                      .bearer = std::move(bearer),
                      .origin = options_.origin,
                      .body = std::move(body)};
  return start_post(
      loop_.executor(), options_.trust, std::move(request),
      [weak = weak_from_this(), path, done = std::move(done)](const HttpAnswer& answer) {
        const auto self = weak.lock();
        if (!self) return;
        if (!answer.status)
          self->tell(self->listeners_.detail, std::string(path) + ": " + answer.detail);
        done(answer);
      });
}

void ClientConnection::token_answered(client::Attempt attempt, TokenAnswer answer) {
  if (auto* token = std::get_if<FetchedToken>(&answer)) {
    return take(client::TokenReady{attempt, std::move(token->token), token->cached});
  }
  take(client::TokenFailed{attempt, std::get<client::HttpFailure>(std::move(answer))});
}

void ClientConnection::ticket_answered(client::Attempt attempt, const std::string& token,
                                       const HttpAnswer& answer) {
  ticket_call_.reset();
  auto read = read_ticket_answer(answer);
  if (auto* issued = std::get_if<IssuedTicket>(&read)) {
    return take(client::TicketReady{attempt, options_.faults.ticket.value_or(issued->ticket),
                                    issued->life});
  }
  auto& failure = std::get<client::HttpFailure>(read);
  // An expired token can still be the Bearer of its own renewal. Any other refusal is final.
  if (failure.status == 401 && failure.code != "TOKEN_EXPIRED") tokens_->refused(token);
  take(client::TicketFailed{attempt, std::move(failure)});
}

void ClientConnection::text_received(client::Attempt attempt, std::string_view text) {
  for (auto& value : frames_.read(text)) take(client::Frame{attempt, std::move(value)});
}

void ClientConnection::socket_ended(client::Attempt attempt, const WebSocketEnd& end) {
  socket_.reset();
  if (!end.detail.empty()) tell(listeners_.detail, "socket: " + end.detail);
  take(client::SocketClosed{attempt, end.code, end.reason, end.clean});
}

}  // namespace usher::client_net
