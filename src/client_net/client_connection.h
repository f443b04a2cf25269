// Carries out the effects of the client's session, and hands it the answers: the one place where
// the session meets sockets, a timer and the clock. It decides nothing.
//
// Threads: call(), publish(), shut_down(), status() and failure() from any thread, the rest on the
// loop. Listeners run on the loop.
// Owns: sockets, calls, the timer. Is held by a shared_ptr.
// Limits: kOutboxBytesMax wait to be sent by publish().
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/system.h"
#include "client/client_session.h"
#include "client_net/boot_timer.h"
#include "client_net/frame_text.h"
#include "client_net/loop.h"
#include "client_net/post_call.h"
#include "client_net/token_desk.h"
#include "client_net/web_socket.h"

namespace usher::client_net {

// Faults that `usher demo` causes on purpose, to show how the client reacts.
struct ConnectionFaults {
  std::optional<std::string> socket_origin{};  // differs from that of the ticket call
  std::optional<std::string> ticket{};         // in place of the issued one
};

struct ConnectionOptions {
  std::string url;
  std::optional<std::string> origin;
  std::size_t message_bytes_max;
  std::shared_ptr<boost::asio::ssl::context> trust;
  std::string guest_file;  // for GuestTokenProvider; may be empty
  ConnectionFaults faults{};
};

// The callbacks of a client's user, called in this order for each input. All must be set. They may
// throw.
struct Listeners {
  std::function<void(const client::LogLine&)> log;
  std::function<void(client::Status)> status;
  std::function<void(const client::Event&)> event;  // payloads as FrameText leaves them
  std::function<void(const std::string&)> detail;
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

  // Closes the connection and drops the listeners. No listener is called after it, except one that
  // is already running.
  void shut_down();

  // Threads: any.
  client::Status status() const { return status_; }
  std::optional<client::Failed> failure() const;

  Loop& loop() { return loop_; }

 private:
  ClientConnection(const boost::asio::any_io_executor& executor, ConnectionOptions options,
                   Listeners listeners);
  std::unique_ptr<TokenProvider> make_guests();

  client::Instant now() const;
  void take(client::Input input);
  void carry_out(const client::Output& output);
  void arm_timer();
  void complain(const std::string& text) noexcept;
  void say_what_hangs();
  template <class... Args>
  void tell(const std::function<void(Args...)>& listener,
            const std::type_identity_t<Args>&... args);

  void perform(const client::FetchToken& effect);
  void perform(const client::FetchTicket& effect);
  void perform(const client::OpenSocket& effect);
  void perform(const client::Send& effect);
  void perform(const client::CloseSocket& effect);
  void perform(const client::Abort& effect);

  std::shared_ptr<http_client::Call> post(const char* path, std::optional<std::string> bearer,
                                          std::string body, std::function<void(HttpAnswer)> done);
  void token_answered(client::Attempt attempt, TokenAnswer answer);
  void ticket_answered(client::Attempt attempt, const std::string& token, const HttpAnswer& answer);
  void text_received(client::Attempt attempt, std::string_view text);
  void socket_ended(client::Attempt attempt, const WebSocketEnd& end);

  Loop loop_;
  const ConnectionOptions options_;
  const std::string base_url_;
  SystemClock clock_;
  SystemEntropy entropy_;
  const TimePoint started_at_;
  const client::Instant started_as_;  // the civil time of that moment

  // On the loop only.
  Listeners listeners_;
  bool closed_ = false;
  client::ClientSession session_;
  std::deque<client::Input> inbox_;
  bool draining_ = false;
  FrameText frames_;
  std::unique_ptr<TokenDesk> tokens_;
  std::weak_ptr<http_client::Call> guest_call_;
  std::shared_ptr<http_client::Call> ticket_call_;
  std::shared_ptr<WebSocket> socket_;
  std::unique_ptr<BootTimer> timer_;

  std::atomic<client::Status> status_ = client::Status::disconnected;
  std::atomic<bool> muted_ = false;
  const OutboxGauge outbox_ = std::make_shared<std::atomic<std::size_t>>(0);
  mutable std::mutex failure_mutex_;
  std::optional<client::Failed> failure_;
};

}  // namespace usher::client_net
