// Carries out the effects of the client's session, and hands it the answers: the one place where
// the session meets the calls and the socket. It decides nothing.
//
// It speaks usher's protocol, or carries an application's own messages as they are (RawOptions).
//
// Threads: call(), publish(), shut_down(), status() and failure() from any thread, the rest on the
// loop. Listeners run on the loop.
// Owns: sockets, calls, the timer. Is held by a shared_ptr.
// Limits: kOutboxBytesMax wait to be sent by publish(). A user of send_message() must bound
// it by outbox_bytes().
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client_net/core_runner.h"
#include "client_net/frame_text.h"
#include "client_net/gateway_calls.h"
#include "client_net/loop.h"
#include "client_net/web_socket.h"

namespace usher::client_net {

// Faults that `usher demo` causes on purpose, to show how the client reacts.
struct ConnectionFaults {
  std::optional<std::string> socket_origin{};  // differs from that of the ticket call
  std::optional<std::string> ticket{};         // in place of the issued one
};

// An application's own protocol, behind a path of the gateway.
struct RawOptions {
  std::string gateway;                      // whose tokens and tickets they are
  std::vector<std::string> subprotocols{};  // of the application, the best first
};

struct ConnectionOptions {
  std::string url;
  std::optional<std::string> origin;
  std::size_t message_bytes_max;
  std::shared_ptr<boost::asio::ssl::context> trust;
  std::string guest_file;  // for GuestTokenProvider; may be empty
  ConnectionFaults faults{};
  std::optional<RawOptions> raw{};  // nullopt: usher's protocol
  Credentials credentials{};        // go with the ticket call
  bool has_token = true;            // false: the credentials suffice, and no token is fetched
};

// The callbacks of a client's user. They may throw. The first four must be set, the last two with
// RawOptions.
struct Listeners {
  std::function<void(const client::LogLine&)> log;
  std::function<void(client::Status)> status;
  std::function<void(const client::Event&)> event;  // payloads as FrameText leaves them
  std::function<void(const std::string&)> detail;
  std::function<void(const client::StageChange&)> stage{};  // before the status
  std::function<void(std::string_view, bool)> message{};    // of a raw connection; is it binary
  std::function<void()> sent{};                             // a message of send_message() has left
};

class ClientConnection final : public std::enable_shared_from_this<ClientConnection> {
 public:
  static constexpr std::size_t kOutboxBytesMax = 1 << 20;

  // Throws std::invalid_argument if the URL is none. Without a `provider` tokens come from the
  // gateway's guest endpoint.
  static std::shared_ptr<ClientConnection> make(const boost::asio::any_io_executor& executor,
                                                ConnectionOptions options, Listeners listeners,
                                                std::unique_ptr<TokenProvider> provider);

  // Hands in an input of the user or the platform. It is never handled inline.
  void call(client::Input input);

  // Returns false, and sends nothing, if there is no connection, if more than kOutboxBytesMax would
  // wait to be sent, or if `json` is not one JSON value.
  bool publish(std::string channel, std::string json);

  // On the loop, and only with RawOptions: sends a message as it is. Returns false, and sends
  // nothing, if there is no connection. `data` must be UTF-8 unless `binary`.
  bool send_message(std::string data, bool binary);

  // Bytes that wait to be sent.
  std::size_t outbox_bytes() const { return *outbox_; }

  // On the loop: no read of the present connection begins while `held`. The message that is being
  // read still comes.
  void hold(bool held);

  // Closes the connection and drops the listeners. No listener is called after it, except one that
  // is already running.
  void shut_down();

  // Threads: any.
  client::Status status() const { return status_; }
  std::optional<client::Failed> failure() const { return runner_.failure(); }

  Loop& loop() { return loop_; }

 private:
  ClientConnection(const boost::asio::any_io_executor& executor, ConnectionOptions options,
                   Listeners listeners);
  GatewayCallsEvents calls_events();

  void take(client::Input input);
  void carry_out(const client::Output& output);
  void complain(const std::string& text) noexcept;
  void say_what_hangs(client::Attempt attempt);
  template <class... Args>
  void tell(const std::function<void(Args...)>& listener,
            const std::type_identity_t<Args>&... args);

  void perform(const client::FetchToken& effect);
  void perform(const client::FetchTicket& effect);
  void perform(const client::OpenSocket& effect);
  void perform(const client::Send& effect);
  void perform(const client::CloseSocket& effect);
  void perform(const client::Abort& effect);
  void perform(const client::AbortRefresh& effect);

  void token_answered(client::Attempt attempt, TokenAnswer answer);
  void ticket_answered(client::Attempt attempt,
                       std::variant<IssuedTicket, client::HttpFailure> answer);
  std::vector<std::string> subprotocols() const;
  void message_received(client::Attempt attempt, std::string_view data, bool binary);
  void socket_ended(client::Attempt attempt, const WebSocketEnd& end);

  Loop loop_;
  const ConnectionOptions options_;

  // On the loop only.
  Listeners listeners_;
  bool closed_ = false;
  SessionRunner runner_;
  FrameText frames_;
  std::shared_ptr<GatewayCalls> calls_;
  std::shared_ptr<WebSocket> socket_;

  std::atomic<client::Status> status_ = client::Status::disconnected;
  std::atomic<bool> muted_ = false;
  const OutboxGauge outbox_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace usher::client_net
