// usher::Client: a ClientConnection behind the public header, with a thread of its own unless an
// executor was given.
#include "usher/client.h"

#include <mutex>
#include <unordered_map>
#include <variant>

#include <boost/asio/any_io_executor.hpp>

#include "client_net/callbacks.h"
#include "client_net/client_connection.h"
#include "client_net/lifeline.h"
#include "client_net/own_thread.h"
#include "client_net/token_source_reader.h"
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
  explicit ClientListeners(ClientOptions options)
      : options_(std::move(options)), callbacks_(options_.on_log, options_.on_detail) {}

  client_net::Callbacks& callbacks() { return callbacks_; }

  void set_handler(const std::string& channel, Client::Handler handler) {
    const std::lock_guard lock(mutex_);
    if (handler) handlers_[channel] = std::move(handler);
  }
  void drop_handler(const std::string& channel) {
    const std::lock_guard lock(mutex_);
    handlers_.erase(channel);
  }

  void status(client::Status status) const {
    if (options_.on_status) call([&] { options_.on_status(to_public(status)); });
  }
  void event(const client::Event& event) {
    std::visit([this](const auto& one) { hear(one); }, event);
  }

 private:
  template <class Callback>
  void call(Callback&& callback) const {
    callbacks_.call(std::forward<Callback>(callback));
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
    if (options_.on_failed) call([&] { options_.on_failed(client_net::to_public(event)); });
  }
  Client::Handler handler_of(const std::string& channel) {
    const std::lock_guard lock(mutex_);
    const auto found = handlers_.find(channel);
    return found == handlers_.end() ? Client::Handler() : found->second;
  }

  const ClientOptions options_;
  client_net::Callbacks callbacks_;
  std::mutex mutex_;
  std::unordered_map<std::string, Client::Handler> handlers_;
};

class Client::Shell {
 public:
  // Without an `executor` it has a thread of its own.
  Shell(const ClientOptions& options, const boost::asio::any_io_executor* executor)
      : thread_(executor),
        listeners_(std::make_shared<ClientListeners>(options)),
        connection_(make_connection(options, thread_.executor(), listeners_, line_)) {
    thread_.start();
  }

  ~Shell() {
    listeners_->callbacks().mute();
    connection_->shut_down();
    line_->cut();
  }

  client_net::ClientConnection& connection() { return *connection_; }
  ClientListeners& listeners() { return *listeners_; }

 private:
  using Connection = client_net::ClientConnection;
  using Line = client_net::Lifeline<Connection>;

  static std::shared_ptr<Connection> make_connection(
      const ClientOptions& options, const boost::asio::any_io_executor& executor,
      const std::shared_ptr<ClientListeners>& listeners, const std::shared_ptr<Line>& line) {
    const auto fault = [listeners](const std::string& text) { listeners->callbacks().fault(text); };
    client_net::ConnectionOptions inner{
        .url = options.url,
        .origin = options.origin,
        .message_bytes_max = options.message_bytes_max,
        .trust = http_client::make_tls_trust(options.ca_file),
        .guest_file = TokenSourceReader::guest_file(options.token_source),
        .credentials = TokenSourceReader::credentials(options.credentials, fault),
        .has_token = TokenSourceReader::has_token(options.token_source, options.credentials)};
    client_net::Listeners heard{
        .log = [listeners](const client::LogLine& one) { listeners->callbacks().log(one); },
        .status = [listeners](client::Status status) { listeners->status(status); },
        .event = [listeners](const client::Event& event) { listeners->event(event); },
        .detail = [listeners](const std::string& text) { listeners->callbacks().detail(text); }};
    const auto post = [line](std::function<void()> work) { post_to(*line, std::move(work)); };
    auto connection =
        Connection::make(executor, std::move(inner), std::move(heard),
                         TokenSourceReader::provider(options.token_source, post, fault));
    line->tie(connection);
    return connection;
  }

  client_net::OwnThread thread_;  // ends last
  const std::shared_ptr<ClientListeners> listeners_;
  const std::shared_ptr<Line> line_ = std::make_shared<Line>();
  const std::shared_ptr<Connection> connection_;
};

Client::Client(ClientOptions options)
    : shell_(std::make_unique<Shell>(std::move(options), nullptr)) {}

Client::Client(ClientOptions options, const boost::asio::any_io_executor& executor)
    : shell_(std::make_unique<Shell>(std::move(options), &executor)) {}

Client::~Client() = default;

void Client::connect() { shell_->connection().call(client::Connect{}); }

void Client::disconnect() { shell_->connection().call(client::Disconnect{}); }

void Client::refresh() { shell_->connection().call(client::RefreshNow{}); }

ClientStatus Client::status() const { return to_public(shell_->connection().status()); }

std::optional<ClientFailure> Client::failure() const {
  const auto failed = shell_->connection().failure();
  if (!failed) return std::nullopt;
  return client_net::to_public(*failed);
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
