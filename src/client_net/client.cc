// usher::Client: a ClientConnection behind the public header, with a thread of its own unless an
// executor was given.
#include "usher/client.h"

#include <atomic>
#include <cstdio>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "client_net/client_connection.h"
#include "http_client/tls_trust.h"

namespace usher {

namespace {

ClientStatus to_public(client::Status status) {
  switch (status) {
    case client::Status::disconnected:
      return ClientStatus::disconnected;
    case client::Status::connecting:
      return ClientStatus::connecting;
    case client::Status::connected:
      return ClientStatus::connected;
    case client::Status::reconnecting:
      return ClientStatus::reconnecting;
  }
  return ClientStatus::disconnected;
}

ClientLogLevel to_public(client::LogLevel level) {
  switch (level) {
    case client::LogLevel::info:
      return ClientLogLevel::info;
    case client::LogLevel::warn:
      return ClientLogLevel::warn;
    case client::LogLevel::error:
      return ClientLogLevel::error;
  }
  return ClientLogLevel::error;
}

ClientFailure to_public(const client::Failed& failed) {
  return {.http_status = failed.status, .close_code = failed.code, .reason = failed.reason};
}

client::HttpFailure from_public(TokenFailure failure) {
  return {.status = failure.http_status,
          .code = std::move(failure.code),
          .retry_after = std::move(failure.retry_after)};
}

void print_line(ClientLogLevel, const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
}

// Answers once. If the user destroys every copy of the reply without an answer, the fetch has
// failed.
class OneAnswer {
 public:
  using Deliver = std::function<void(client_net::TokenAnswer)>;
  explicit OneAnswer(Deliver deliver) : deliver_(std::move(deliver)) {}
  ~OneAnswer() { answer(client::HttpFailure{}); }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  void answer(client_net::TokenAnswer answer) {
    if (!answered_.exchange(true)) deliver_(std::move(answer));
  }

 private:
  const Deliver deliver_;
  std::atomic<bool> answered_ = false;
};

}  // namespace

std::string_view to_string(ClientStatus status) {
  switch (status) {
    case ClientStatus::disconnected:
      return "disconnected";
    case ClientStatus::connecting:
      return "connecting";
    case ClientStatus::connected:
      return "connected";
    case ClientStatus::reconnecting:
      return "reconnecting";
  }
  return "";
}

// The user's callbacks, and what they need: it lives as long as one of them may run.
class ClientListeners {
 public:
  explicit ClientListeners(ClientOptions options) : options_(std::move(options)) {
    if (!options_.on_log) options_.on_log = print_line;
  }

  void set_handler(const std::string& channel, Client::Handler handler) {
    const std::lock_guard lock(mutex_);
    if (handler) handlers_[channel] = std::move(handler);
  }
  void drop_handler(const std::string& channel) {
    const std::lock_guard lock(mutex_);
    handlers_.erase(channel);
  }

  // Callbacks may throw. The application gets the exception's text, and nothing else is affected.
  void log(const client::LogLine& line) const {
    call([&] { options_.on_log(to_public(line.level), line.text); });
  }
  void status(client::Status status) const {
    if (options_.on_status) call([&] { options_.on_status(to_public(status)); });
  }
  void detail(const std::string& text) const {
    if (options_.on_detail) call([&] { options_.on_detail(text); });
  }
  void event(const client::Event& event) {
    std::visit([this](const auto& one) { hear(one); }, event);
  }

  // Reports an exception of the application's code: to on_detail, or as a log line without it.
  void fault(const std::string& text) const noexcept {
    if (muted_) return;
    try {
      if (options_.on_detail) return options_.on_detail(text);
      options_.on_log(ClientLogLevel::error, "[Client] " + text);
    } catch (...) {
      return;  // there is no other way to report it
    }
  }

  // The client is being destroyed: no callback begins any more.
  void mute() { muted_ = true; }

 private:
  template <class Callback>
  void call(Callback&& callback) const noexcept {
    if (muted_) return;
    try {
      callback();
    } catch (const std::exception& error) {
      fault(std::string("a listener threw: ") + error.what());
    } catch (...) {
      fault("a listener threw something that is no std::exception");
    }
  }

  void hear(const client::Publication& publication) {
    const ClientMessage message{publication.channel, client_net::raw_data(publication.data),
                                publication.offset};
    if (options_.on_message) call([&] { options_.on_message(message); });
    if (const auto handler = handler_of(message.channel)) call([&] { handler(message); });
  }
  void hear(const client::Subscribed& event) const {
    if (!options_.on_subscribed) return;
    call([&] { options_.on_subscribed(event.channel, event.recovered); });
  }
  void hear(const client::SubscriptionFailed& event) {
    drop_handler(event.channel);
    if (!options_.on_subscription_failed) return;
    call([&] { options_.on_subscription_failed(event.channel, event.code); });
  }
  void hear(const client::Failed& event) const {
    if (options_.on_failed) call([&] { options_.on_failed(to_public(event)); });
  }
  Client::Handler handler_of(const std::string& channel) {
    const std::lock_guard lock(mutex_);
    const auto found = handlers_.find(channel);
    return found == handlers_.end() ? Client::Handler() : found->second;
  }

  ClientOptions options_;
  std::atomic<bool> muted_ = false;
  std::mutex mutex_;
  std::unordered_map<std::string, Client::Handler> handlers_;
};

class Client::Shell {
 public:
  // Without an `executor` it has a thread of its own.
  Shell(ClientOptions options, const boost::asio::any_io_executor* executor) {
    if (!executor) io_ = std::make_shared<boost::asio::io_context>(1);
    connection_ = make_connection(
        std::move(options), io_ ? boost::asio::any_io_executor(io_->get_executor()) : *executor);
    if (!io_) return;
    guard_.emplace(boost::asio::make_work_guard(*io_));
    thread_ = std::thread([io = io_] { io->run(); });
  }

  ~Shell() {
    listeners_->mute();
    connection_->shut_down();
    connection_.reset();
    guard_.reset();
    if (!thread_.joinable()) return;
    // Inside a callback of its own thread: the thread finishes the farewell by itself, and ends.
    if (thread_.get_id() == std::this_thread::get_id()) {
      thread_.detach();
    } else {
      thread_.join();
    }
  }

  client_net::ClientConnection& connection() { return *connection_; }
  ClientListeners& listeners() { return *listeners_; }

 private:
  using Connection = client_net::ClientConnection;

  std::shared_ptr<Connection> make_connection(ClientOptions options,
                                              const boost::asio::any_io_executor& executor) {
    client_net::ConnectionOptions inner{.url = options.url,
                                        .origin = options.origin,
                                        .message_bytes_max = options.message_bytes_max,
                                        .trust = http_client::make_tls_trust(options.ca_file),
                                        .guest_file = {}};
    const auto whom = std::make_shared<std::weak_ptr<Connection>>();
    const auto listeners = std::make_shared<ClientListeners>(options);
    std::unique_ptr<client_net::TokenProvider> provider;
    switch (options.token_source.kind_) {
      case TokenSource::Kind::guest:
        inner.guest_file = options.token_source.text_;
        break;
      case TokenSource::Kind::fixed:
        provider = std::make_unique<client_net::FixedTokenProvider>(options.token_source.text_);
        break;
      case TokenSource::Kind::function:
        provider = std::make_unique<client_net::FunctionTokenProvider>(
            [whom, listeners, ask = options.token_source.ask_](
                bool fresh, client_net::TokenProvider::Done done) {
              ask_user(*listeners, ask, fresh, reply_to(*whom, std::move(done)));
            });
        break;
    }
    listeners_ = listeners;
    client_net::Listeners heard{
        .log = [listeners](const client::LogLine& line) { listeners->log(line); },
        .status = [listeners](client::Status status) { listeners->status(status); },
        .event = [listeners](const client::Event& event) { listeners->event(event); },
        .detail = [listeners](const std::string& text) { listeners->detail(text); }};
    auto connection =
        Connection::make(executor, std::move(inner), std::move(heard), std::move(provider));
    *whom = connection;
    return connection;
  }

  // The reply may come on any thread; `done` must run on the loop, and only while the connection
  // lives.
  static TokenReply reply_to(const std::weak_ptr<Connection>& whom,
                             client_net::TokenProvider::Done done) {
    const auto once =
        std::make_shared<OneAnswer>([whom, done = std::move(done)](client_net::TokenAnswer answer) {
          const auto connection = whom.lock();
          if (!connection) return;
          connection->loop().post([whom, done, answer = std::move(answer)] {
            if (const auto alive = whom.lock()) done(answer);
          });
        });
    return TokenReply([once](std::string* token, bool cached, TokenFailure* failure) {
      if (token) return once->answer(client_net::FetchedToken{std::move(*token), cached});
      once->answer(from_public(std::move(*failure)));
    });
  }

  static void ask_user(const ClientListeners& listeners, const TokenSource::Function& ask,
                       bool fresh, TokenReply reply) {
    try {
      ask(fresh, std::move(reply));
    } catch (const std::exception& error) {
      listeners.fault(std::string("the token source threw: ") + error.what());
    } catch (...) {
      listeners.fault("the token source threw something that is no std::exception");
    }
  }

  std::shared_ptr<boost::asio::io_context> io_;  // shared with the thread
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guard_;
  std::shared_ptr<ClientListeners> listeners_;
  std::shared_ptr<Connection> connection_;
  std::thread thread_;
};

Client::Client(ClientOptions options)
    : shell_(std::make_unique<Shell>(std::move(options), nullptr)) {}

Client::Client(ClientOptions options, const boost::asio::any_io_executor& executor)
    : shell_(std::make_unique<Shell>(std::move(options), &executor)) {}

Client::~Client() = default;

void Client::connect() { shell_->connection().call(client::Connect{}); }

void Client::disconnect() { shell_->connection().call(client::Disconnect{}); }

ClientStatus Client::status() const { return to_public(shell_->connection().status()); }

std::optional<ClientFailure> Client::failure() const {
  const auto failed = shell_->connection().failure();
  if (!failed) return std::nullopt;
  return to_public(*failed);
}

void Client::subscribe(std::string channel, Handler handler) {
  shell_->listeners().set_handler(channel, std::move(handler));
  shell_->connection().call(client::Subscribe{std::move(channel)});
}

void Client::unsubscribe(std::string channel) {
  shell_->listeners().drop_handler(channel);
  shell_->connection().call(client::Unsubscribe{std::move(channel)});
}

bool Client::publish(std::string channel, std::string json) {
  return shell_->connection().publish(std::move(channel), std::move(json));
}

void Client::set_online(bool online) {
  if (online) return shell_->connection().call(client::Online{});
  shell_->connection().call(client::Offline{});
}

}  // namespace usher
